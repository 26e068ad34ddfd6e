//! Presentations of patients who are mostly in danger now.

use super::Who::{Adult, Anyone, Infant, Older, Woman};
use super::{Presentation, visit};

/// The presentations.
pub(super) const TABLE: &[Presentation] = &[
    visit(
        [5, 0, 0],
        Older,
        &[
            "witnessed collapse [at home|at work|at gym], CPR in progress x <5-30> min",
            "cardiac arrest [at home|in parking lot|at church], ROSC after <1-3> shocks",
            "found pulseless by [wife|son|neighbor], bystander CPR, asystole on monitor",
            "arrest en route, vfib, shocked x<1-4>, bagging",
        ],
    ),
    visit(
        [6, 1, 0],
        Anyone,
        &[
            "found [unresponsive|unconscious|down] [on kitchen floor|in car|in bathroom], GCS \
             <3-8>",
            "[unresponsive|obtunded] per [EMS|family|roommate], snoring respirations",
            "not waking up since this AM, [GCS <6-10>|responds to pain only|eyes closed]",
        ],
    ),
    visit(
        [6, 2, 0],
        Older,
        &[
            "sudden [left|right] sided weakness and slurred speech, last known well <1-4> hrs ago",
            "facial droop and [arm drift|slurred speech|left arm weakness] since [breakfast|<1-3> \
             hrs]",
            "code stroke, [aphasia|gaze deviation|facial droop], LKW [<1-4> hrs|unknown]",
            "can't speak or move [left|right] arm, [onset <10-50> min ago|woke up with it]",
        ],
    ),
    visit(
        [5, 1, 0],
        Older,
        &[
            "STEMI on field EKG, crushing chest pain [radiating to left arm|and jaw pain], \
             diaphoretic",
            "~crushing chest pain, [pale and sweaty|diaphoretic], EKG with ST elevation",
            "cath lab activated, chest pressure x <20-90> min, ASA given",
        ],
    ),
    visit(
        [7, 3, 0],
        Older,
        &[
            "severe SOB, [tripoding|1 word sentences|accessory muscle use], [on NRB|cyanotic \
             lips|]",
            "~respiratory distress, [wheezing throughout|crackles to apices|RR <32-44>], BiPAP \
             started",
            "can't breathe, [gray|cyanotic|sweating], [CHF|COPD], sats in the <70-88>s",
        ],
    ),
    visit(
        [4, 2, 0],
        Anyone,
        &[
            "[throat|tongue] swelling after [peanuts|bee sting|shrimp|amoxicillin], \
             [stridor|hives]",
            "anaphylaxis to [cashew|wasp sting|contrast], epi x<1-2> [by EMS|at home], still \
             [wheezing|hoarse]",
            "lip and tongue swelling, drooling, voice change, [on lisinopril|no known allergy]",
        ],
    ),
    visit(
        [4, 1, 0],
        Adult,
        &[
            "GSW to [abdomen|chest|left thigh|neck], [active bleeding|tourniquet on|2 wounds]",
            "stab wound [left chest|to abdomen|to back], [hypotensive|decreased breath \
             sounds|pale]",
            "trauma alert, impaled by [rebar|fence post], bleeding controlled",
        ],
    ),
    visit(
        [4, 3, 0],
        Adult,
        &[
            "MVC, [rollover|ejected|head on at <45-75> mph], [+LOC|prolonged extrication|confused]",
            "pedestrian struck by [car|truck|bus], [open femur|pelvis unstable|LOC at scene]",
            "motorcycle crash, [no helmet|high speed], [LOC|GCS <7-13>|chest wall crepitus]",
        ],
    ),
    visit(
        [4, 1, 0],
        Adult,
        &[
            "head injury, LOC, [vomiting x<2-5>|combative|unequal pupils|on warfarin]",
            "fall from [roof|2nd floor|horse], LOC x <2-15> min, [confused|GCS <8-13>|not moving \
             legs]",
        ],
    ),
    visit(
        [3, 2, 0],
        Older,
        &[
            "vomiting [large amounts of|bright red] blood, [pale|clammy|near syncope], \
             [cirrhosis|ETOH]",
            "GI bleed, [maroon stools|melena] x <2-5>, [on warfarin|on apixaban], lightheaded",
        ],
    ),
    visit(
        [3, 2, 0],
        Anyone,
        &[
            "seizing on arrival, [ativan x<1-2>|no IV access], hx epilepsy",
            "back to back seizures, [not waking between|<3-6> today], [meds missed|new onset]",
            "status epilepticus, [intubated by EMS|versed given]",
        ],
    ),
    visit(
        [4, 3, 0],
        Older,
        &[
            "from nursing home, [septic|sepsis alert|fever and altered], \
             [hypotensive|mottled|lethargic]",
            "fever, confused, [foul urine|productive cough|sacral wound], [cool and clammy|lactate \
             <4-8>]",
        ],
    ),
    visit(
        [4, 2, 0],
        Adult,
        &[
            "[heroin|fentanyl|opioid] overdose, narcan x<1-3>, [apneic on scene|drowsy|now awake]",
            "found with needle, pinpoint pupils, [not breathing|shallow breathing|blue]",
        ],
    ),
    visit(
        [2, 1, 0],
        Older,
        &[
            "~tearing [chest|back] pain, [unequal pulses|syncope|hypertensive], r/o dissection",
            "sudden back and abdominal pain, pulsatile mass, hx aneurysm",
        ],
    ),
    visit(
        [2, 2, 0],
        Woman,
        &[
            "<6-9> weeks pregnant, sudden severe pelvic pain, [passed out|shoulder pain|pale], \
             ?ectopic",
            "<34-40> weeks pregnant, [heavy vaginal bleeding|seizure at home|cord visible]",
        ],
    ),
    visit(
        [2, 2, 0],
        Infant,
        &[
            "limp and [blue|pale], [choking on grape|apnea at home|not feeding]",
            "retractions, [stridor at rest|grunting|nasal flaring], [barky cough|RSV]",
            "near drowning in bathtub, [cough|vomiting|drowsy]",
        ],
    ),
    visit(
        [2, 2, 1],
        Anyone,
        &["burns to [face and neck|both arms|<15-40>% of body], [house fire|flash burn], \
             [soot|hoarse|]"],
    ),
];
