//! The text of a spec in canonical form: it can be read, says the same, and stays as it is when it is
//! formatted once more. What cannot be formatted is an error, though never that it would not say the same.
#![no_main]

use jurat::Spec;
use jurat::edit::{EditError, format};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match format(text, "spec.yaml") {
        Ok(once) => {
            let twice = format(&once, "spec.yaml").expect("what was formatted is YAML");
            assert_eq!(once, twice, "formatted once and twice");
            let name = jurat_fuzz::spec_name();
            let right = |text: &str| Spec::from_yaml(text, &name).is_ok();
            assert_eq!(right(text), right(&once), "right before and after");
        }
        Err(error @ EditError::Changed { .. }) => {
            // The text is left alone, which is safe; with this set, such texts are looked for.
            assert!(std::env::var_os("FUZZ_CHANGED").is_none(), "{error}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
