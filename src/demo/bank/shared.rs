//! Presentations that can mean anything, and make the example hard.

use super::Who::{Adult, Anyone, Child, Older};
use super::{Presentation, visit};

/// The presentations.
pub(super) const TABLE: &[Presentation] = &[
    visit(
        [6, 28, 3],
        Adult,
        &[
            "~[chest pain|chest pressure|chest tightness|CP|chest discomfort] [radiating to left \
             arm|substernal|sharp|on and off|]",
            "~[chest pain|chest tightness] [and SOB|with palpitations|after argument|with deep \
             breath|]",
            "~[left|right] sided chest pain, [EKG done in triage|took aspirin|trop pending]",
        ],
    ),
    visit(
        [2, 18, 6],
        Anyone,
        &[
            "~[abdominal pain|abd pain|stomach pain|belly pain] [and vomiting|with fever|with \
             diarrhea|cramping|]",
            "~abdominal pain, [nausea|vomiting x<2-6>|bloating|no BM], [tender|soft|]",
        ],
    ),
    visit(
        [3, 10, 3],
        Anyone,
        &["~[SOB|shortness of breath|trouble breathing|dyspnea] [on exertion|worse at night|with \
             cough|]"],
    ),
    visit(
        [2, 10, 5],
        Anyone,
        &[
            "hit head [on cabinet|in fall|playing hockey|in fight], [LOC|no LOC|brief LOC|vomited \
             x1|headache]",
            "head injury, [+LOC|denies LOC|scalp lac|no blood thinners|dazed]",
        ],
    ),
    visit(
        [1, 8, 4],
        Adult,
        &["MVC, [rear ended|restrained driver|airbag deployed|low speed], [neck pain|no \
             LOC|chest wall pain|ambulatory at scene]"],
    ),
    visit(
        [1, 8, 5],
        Adult,
        &["~[headache|migraine|HA] [with photophobia|worst of life|behind eyes|like usual|], \
             [vomiting|aura|took ibuprofen|]"],
    ),
    visit(
        [2, 10, 4],
        Older,
        &["~[dizziness|lightheaded|generalized weakness|weakness|vertigo] [when standing|since \
             this AM|], [unsteady|ears ringing|]"],
    ),
    visit(
        [1, 8, 3],
        Adult,
        &["~palpitations, [racing heart|hx SVT|a fib|anxious], [EKG done in triage|after coffee|]"],
    ),
    visit(
        [0, 10, 6],
        Anyone,
        &["~[vomiting and diarrhea|N/V/D|nausea and vomiting], [can't keep fluids down|ate \
             out|sick contacts]"],
    ),
    visit(
        [1, 10, 6],
        Anyone,
        &[
            "~[<2-8> cm laceration|lac|cut] to [hand|forehead|finger|shin|scalp] [from knife|from \
             glass|at work|], [bleeding controlled|oozing|tendon visible]",
            "[dog|cat] bite to [hand|face|calf], [puncture wounds|bleeding controlled|needs \
             tetanus]",
        ],
    ),
    visit(
        [1, 8, 6],
        Child,
        &["~fever [to 39.<0-9>|to 40.<0-4>|since yesterday|], [tylenol given|not \
             eating|vomiting|cough]"],
    ),
    visit(
        [1, 6, 4],
        Anyone,
        &["~[hives|facial swelling|allergic reaction] after [dinner|new med|bee sting], \
             [benadryl taken|no trouble breathing|itchy|throat feels tight]"],
    ),
    visit(
        [2, 6, 4],
        Older,
        &[
            "[not feeling well|feels off|not acting right per family|weak and tired], [poor \
             historian|vague|]",
            "sent by [PCP|clinic|urgent care] for [abnormal labs|abnormal EKG|high BP|eval]",
        ],
    ),
    visit(
        [1, 6, 3],
        Adult,
        &[
            "~[anxiety|panic attack], [hyperventilating|tingling hands|chest tightness], [hx \
             same|]",
            "~[back pain|flank pain], [fever|numb leg|after fall|radiates to leg]",
        ],
    ),
];
