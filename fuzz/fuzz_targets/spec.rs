//! The text of a spec: an error that can be shown, with places inside the text, or a spec.
#![no_main]

use jurat::Spec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Spec::from_yaml(text, &jurat_fuzz::spec_name()) {
        Ok(spec) => assert_eq!(spec.sources[0].text, text),
        Err(errors) => {
            assert!(!errors.problems().is_empty());
            for problem in errors.problems().iter().filter(|problem| problem.place.file == 0) {
                assert!(
                    problem.place.start <= problem.place.end && problem.place.end <= text.len()
                );
            }
            assert!(!errors.to_string().is_empty());
        }
    }
});
