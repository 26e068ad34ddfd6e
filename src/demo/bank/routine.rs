//! Presentations of patients who mostly can wait.

use super::Who::{Adult, Anyone, Child, Infant, Woman};
use super::{Presentation, visit};

/// The presentations.
pub(super) const TABLE: &[Presentation] = &[
    visit(
        [0, 0, 21],
        Adult,
        &[
            "needs refill of [metformin|lisinopril|albuterol|sertraline|amlodipine|levothyroxine]",
            "med refill for [losartan|gabapentin|insulin|atorvastatin], [PCP out|lost Rx|new in \
             town]",
            "ran out of [BP meds|metformin|inhaler], requesting refill",
        ],
    ),
    visit(
        [0, 0, 15],
        Anyone,
        &[
            "here for suture removal, [placed <7-14> days ago|well healed|no redness]",
            "[staple removal|wound check|dressing change], [healing well|no drainage|no redness]",
            "cast [too tight|check|got wet], fingers pink",
        ],
    ),
    visit(
        [0, 0, 15],
        Adult,
        &[
            "[needs work note|needs return to work form|requesting work note], [cold last \
             week|feels fine now|]",
            "needs [school note|sports physical|form signed|TB test], no complaints",
            "here for [lab results|pregnancy test|COVID test|STD check], [no symptoms|feels well]",
        ],
    ),
    visit(
        [0, 1, 24],
        Anyone,
        &["~sore throat [and runny nose|and cough|, painful to swallow], [strep at \
             school|tolerating fluids|]"],
    ),
    visit(
        [0, 2, 27],
        Anyone,
        &[
            "~[cough|dry cough|runny nose and cough|cold symptoms|congestion] , [sick \
             contacts|taking mucinex|]",
            "~flu like sx, [body aches|chills|low grade fever], [eating and drinking ok|]",
        ],
    ),
    visit(
        [0, 1, 18],
        Child,
        &[
            "~[ear pain|earache|pulling at ear], [runny nose|low grade fever|playful], [drinking \
             well|]",
            "bumped head on [table|door], cried right away, [no LOC|no vomiting], acting normal",
        ],
    ),
    visit(
        [0, 0, 3],
        Infant,
        &["~diaper rash, [afebrile|feeding well]", "~spitting up, [gaining weight|soft belly]"],
    ),
    visit(
        [0, 1, 21],
        Anyone,
        &[
            "~rash to [arms|trunk|both legs|face], itchy, [new detergent|poison ivy|no airway sx]",
            "~[insect bite|spider bite|tick bite] to [leg|arm|ankle], [itchy|mild redness]",
        ],
    ),
    visit(
        [0, 2, 18],
        Woman,
        &[
            "~[burning with urination|dysuria and frequency|UTI symptoms], [no flank pain|hx UTI|]",
            "~[vaginal discharge|vaginal itching|irregular periods], [not pregnant|]",
        ],
    ),
    visit(
        [0, 2, 24],
        Anyone,
        &[
            "rolled [left|right] ankle [playing basketball|on stairs], [mild swelling|able to bear \
             weight|walking on it]",
            "~[knee|finger|foot|toe] injury [at work|at practice], [jammed it|bruised|able to bear \
             weight]",
        ],
    ),
    visit(
        [0, 1, 18],
        Adult,
        &["~[toothache|dental pain|broken tooth], [no swelling|dentist on Monday|can't afford \
             dentist]"],
    ),
    visit(
        [0, 0, 15],
        Anyone,
        &[
            "~[pink eye|red eye with discharge|stye], [no vision change|crusty in AM]",
            "~[ingrown toenail|wart on finger|hangnail|plantar wart], [no fever|]",
            "ring stuck on finger, [mild swelling|cap refill normal]",
        ],
    ),
    visit(
        [0, 1, 12],
        Adult,
        &[
            "~constipation, last BM <3-6> days ago, [passing gas|mild cramping]",
            "~[heartburn|acid reflux], [worse after coffee|out of omeprazole], denies chest pain",
        ],
    ),
    visit(
        [0, 3, 21],
        Adult,
        &[
            "~[chronic|ongoing] [low back pain|knee pain|neck pain|shoulder pain], [no trauma|out \
             of tramadol|no new injury]",
            "~low back pain after [lifting boxes|yard work|moving furniture], no \
             [numbness|incontinence]",
        ],
    ),
    visit(
        [0, 1, 12],
        Adult,
        &[
            "BP check, [machine at pharmacy read <150-190>/95|no symptoms], [out of BP \
             meds|asymptomatic]",
            "[can't sleep|insomnia|anxious], [new job|stress at home], denies SI",
        ],
    ),
    visit(
        [0, 1, 6],
        Anyone,
        &[
            "~chest pain only when [coughing|pressing on it|lifting arm], [reproducible|pulled \
             muscle at gym]",
            "worried about [heart attack|stroke|meningitis|appendicitis] after [reading \
             online|friend had it], feels fine",
        ],
    ),
];
