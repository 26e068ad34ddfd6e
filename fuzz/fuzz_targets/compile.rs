//! Specs that are right are compiled, linted and asked for votes; hostile patterns, keywords and
//! expressions must end in an error or in votes.
#![no_main]

use jurat::Spec;
use jurat::job::Job;
use libfuzzer_sys::fuzz_target;

/// Conditions are what differs: the rest of the spec stands.
const HEAD: &str = "spec: 1
labels: [a, b]
input: {text: body}
vars: {n: 2, w: win}
utils: {u: {keyword: [please]}}
lfs:
  - {name: always, label: b, when: {keyword: [b]}}
  - name: fuzzed
    label: a
    when:
";

fuzz_target!(|condition: &str| {
    let mut text = HEAD.to_owned();
    for line in condition.lines() {
        text += &format!("      {line}\n");
    }
    let Ok(spec) = Spec::from_yaml(&text, &jurat_fuzz::spec_name()) else { return };
    match Job::new(&spec) {
        Ok(job) => {
            let _ = spec.lints();
            jurat_fuzz::vote(&job.lfs);
        }
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
});
