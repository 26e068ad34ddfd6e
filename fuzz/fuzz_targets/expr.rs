//! An expression: an error that can be shown, or votes.
#![no_main]

use jurat::Spec;
use jurat::job::Job;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|expression: &str| {
    let quoted = expression.replace('\'', "''");
    let text = format!(
        "spec: 1\nlabels: [a, b]\nlfs:\n  - {{name: x, label: a, when: {{expr: '{quoted}'}}}}\n"
    );
    match Spec::from_yaml(&text, "spec.yaml").and_then(|spec| Job::new(&spec)) {
        Ok(job) => jurat_fuzz::vote(&job.lfs),
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
});
