//! Presentations of patients who mostly must be seen soon.

use super::Who::{Adult, Anyone, Child, Man, Older, Woman};
use super::{Presentation, visit};

/// The presentations.
pub(super) const TABLE: &[Presentation] = &[
    visit(
        [0, 18, 0],
        Anyone,
        &[
            "~RLQ pain [and vomiting|with fever|worse with walking], [r/o appendicitis|rebound|no \
             appetite]",
            "~abdominal pain moved to right lower quadrant, fever, [nausea|guarding]",
        ],
    ),
    visit(
        [0, 15, 1],
        Adult,
        &["~[left|right] flank pain [radiating to groin|with hematuria], [writhing|vomiting|hx \
             kidney stone]"],
    ),
    visit(
        [1, 18, 2],
        Anyone,
        &[
            "~asthma [exacerbation|attack|flare], [nebs x<1-3> at home|inhaler not helping|speaks \
             in phrases]",
            "~wheezing and SOB, [out of albuterol|cold sx|hx asthma]",
        ],
    ),
    visit(
        [0, 18, 2],
        Anyone,
        &[
            "[fell off|fall from] [bike|ladder|trampoline|skateboard], [wrist|forearm|ankle] \
             deformity",
            "~[wrist|hip|ankle|elbow] fracture [on outside xray|sent from urgent care], \
             [swollen|neurovascular ok]",
            "~shoulder dislocation [playing football|after fall|again], [arm held at side|numb \
             fingers]",
        ],
    ),
    visit(
        [1, 15, 2],
        Older,
        &["[ground level fall|fell from standing|slipped in shower], [hip pain|hit head|can't \
             bear weight], [on warfarin|on eliquis|]"],
    ),
    visit(
        [1, 15, 1],
        Adult,
        &["~[fever and productive cough|cough and SOB], [pneumonia on xray|rust colored \
             sputum|crackles RLL]"],
    ),
    visit(
        [0, 9, 1],
        Anyone,
        &[
            "~[leg|hand|foot] redness and swelling, [cellulitis|red streaks|fever], [failed oral \
             abx|diabetic]",
            "~abscess [to buttock|left axilla|on thigh], [fever|growing|needs I and D]",
        ],
    ),
    visit(
        [0, 15, 0],
        Adult,
        &[
            "suicidal [with plan|ideation|thoughts], [brought by police|cut wrists|off meds]",
            "~SI, [plan to overdose|texted goodbye|under involuntary hold], [cooperative|tearful]",
        ],
    ),
    visit(
        [1, 9, 0],
        Adult,
        &["took <10-40> tabs of [tylenol|sertraline|benadryl] [<1-5> hrs ago|last night], \
             [drowsy|tearful|vomiting]"],
    ),
    visit(
        [0, 12, 1],
        Woman,
        &[
            "<6-14> weeks pregnant with [vaginal bleeding|spotting and cramping|lower abdominal \
             pain]",
            "<28-38> weeks pregnant, [headache and swelling|decreased fetal movement|contractions \
             q<4-8>]",
        ],
    ),
    visit(
        [1, 15, 1],
        Adult,
        &["[syncope|passed out|syncopal episode] [at church|in shower|while standing], [out x \
             <1-3> min|now alert|bit tongue]"],
    ),
    visit(
        [0, 9, 1],
        Adult,
        &["~[left|right] calf [swelling|pain] after [long flight|knee surgery], [r/o DVT|on \
             OCP|warm]"],
    ),
    visit(
        [0, 9, 1],
        Older,
        &[
            "epistaxis x <1-4> hrs, [on warfarin|on plavix|won't stop with pressure]",
            "nosebleed not stopping, [blood thinners|BP high|packing in place]",
        ],
    ),
    visit(
        [0, 9, 0],
        Older,
        &[
            "unable to urinate x <10-30> hrs, [distended bladder|hx BPH|urinary retention]",
            "missed dialysis x<1-3>, [SOB|swelling|K high at clinic], [weak|hiccups]",
        ],
    ),
    visit(
        [0, 9, 0],
        Man,
        &["~sudden testicular pain [while asleep|after soccer], [swelling|vomiting|r/o torsion]"],
    ),
    visit(
        [1, 9, 1],
        Adult,
        &[
            "~alcohol withdrawal, [shaking|seizure this AM|hallucinating], last drink [<1-3> days \
             ago|yesterday]",
            "intoxicated, found [asleep in park|on sidewalk], [slurred speech|smells of \
             ETOH|abrasions]",
        ],
    ),
    visit(
        [1, 12, 1],
        Adult,
        &[
            "blood sugar <350-590>, [vomiting|DKA|fruity breath|thirsty], [ran out of insulin|pump \
             failed]",
            "low sugar <32-50> [per EMS|at home], [D10 given|sweaty], now [alert|oriented]",
        ],
    ),
    visit(
        [0, 9, 1],
        Adult,
        &["post op day <2-9>, [wound dehiscence|fever|purulent drainage|severe pain], \
             [hernia|c-section|knee]"],
    ),
    visit(
        [0, 6, 1],
        Adult,
        &[
            "[metal|grinder|chemical splash] in [left|right] eye, [blurry \
             vision|photophobia|tearing]",
            "sudden vision loss [left|right] eye, [floaters|painless|curtain coming down]",
        ],
    ),
    visit(
        [0, 6, 1],
        Child,
        &[
            "swallowed [button battery|magnet] [<1-4> hrs ago|today], [drooling|no \
             distress|vomited once]",
            "~high fever and [neck stiffness|lethargy|rash], [not drinking|crying], <1-3> wet \
             diapers today",
            "febrile seizure [lasting <1-4> min|at daycare], [now alert|postictal|T 39.<2-9>]",
        ],
    ),
    visit(
        [0, 6, 0],
        Older,
        &[
            "~[RUQ pain|epigastric pain] after [fatty meal|dinner], [jaundice|vomiting|r/o \
             cholecystitis|lipase high]",
            "~bloating and vomiting, no stool x <3-6> days, [hx SBO|bowel obstruction on CT]",
        ],
    ),
];
