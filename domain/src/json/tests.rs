use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Everything {
    yes: bool,
    small: u8,
    large: u64,
    below: i64,
    text: String,
    list: Vec<i64>,
    pair: (String, i64),
    by_name: BTreeMap<String, u32>,
    nothing: Option<i64>,
    choices: Vec<Choice>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Plain,
    One(i64),
    Named { told: String },
}

fn everything() -> Everything {
    Everything {
        yes: true,
        small: 255,
        large: u64::MAX,
        below: -3,
        text: "\u{1F48A} \"quoted\"\n".to_owned(),
        list: vec![1, -2],
        pair: ("a".to_owned(), 1),
        by_name: BTreeMap::from([("é".to_owned(), 1)]),
        nothing: None,
        choices: vec![
            Choice::Plain,
            Choice::One(1),
            Choice::Named {
                told: "Maria".to_owned(),
            },
        ],
    }
}

#[test]
fn what_is_written_is_read() {
    let text = serde_json::to_string(&everything()).expect("written");
    assert_eq!(read::<Everything>(&text).expect("read"), everything());
}

/// `change` done to the right text must make it wrong.
fn refused(change: impl Fn(&str) -> String) -> String {
    let text = serde_json::to_string(&everything()).expect("written");
    let wrong = change(&text);
    assert_ne!(text, wrong, "the change does nothing");
    let error = read::<Everything>(&wrong).expect_err(&wrong);
    error.to_string()
}

#[test]
fn what_is_wrong_is_refused_and_named() {
    let said = refused(|text| text.replace("\"yes\":true,", ""));
    assert!(said.contains("missing field `yes`"), "{said}");
    let said = refused(|text| text.replace("{\"yes\"", "{\"no\":1,\"yes\""));
    assert!(said.contains("unknown field `no`"), "{said}");
    let said = refused(|text| text.replace("{\"yes\":true", "{\"yes\":true,\"yes\":true"));
    assert!(said.contains("duplicate field `yes`"), "{said}");
    for (right, wrong) in [
        ("\"small\":255", "\"small\":256"),
        ("\"below\":-3", "\"below\":-3.5"),
        ("\"below\":-3", "\"below\":\"-3\""),
        ("\"plain\"", "\"other\""),
        ("\"plain\"", "{\"plain\":1}"),
        ("{\"one\":1}", "\"one\""),
        ("{\"one\":1}", "{\"one\":1,\"plain\":null}"),
        ("{\"told\":\"Maria\"}", "[\"Maria\"]"),
        ("[\"a\",1]", "[\"a\",1,2]"),
        ("[\"a\",1]", "[\"a\"]"),
        ("\"list\":[1,-2]", "\"list\":{}"),
    ] {
        refused(|text| text.replace(right, wrong));
    }
}

#[test]
fn a_list_is_not_taken_for_a_struct() {
    #[derive(Deserialize)]
    struct One {
        #[serde(rename = "a")]
        _a: i64,
    }
    assert!(serde_json::from_str::<One>("[1]").is_ok());
    assert!(read::<One>("[1]").is_err());
}

#[test]
fn half_a_pair_of_surrogates_and_half_a_text_are_refused() {
    for text in [r#""\ud800""#, "{\"a\":", "", "[1,]", "nul", "1 2"] {
        assert!(tree(text).is_err(), "{text}");
    }
    assert!(read_bytes::<String>(b"\"\xff\"").is_err());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_read_as_serde_json_reads_it(value in values()) {
        prop_assert_eq!(read::<Value>(&value.to_string()).expect("read"), value);
    }
}
