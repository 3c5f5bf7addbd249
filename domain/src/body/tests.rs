use super::*;

const PERSON: &str = "01980000-0000-7000-8000-0000000000a1";

fn note(data: &str) -> Result<Body, BodyError> {
    Body::parse(&format!(
        r#"{{"kind":"note/1","about":null,"data":{data}}}"#
    ))
}

fn refused(result: Result<Body, BodyError>) -> String {
    match result {
        Err(BodyError::Invalid(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn with_other(other: &str) -> String {
    format!(
        r#"{{"person":"{PERSON}","delivered":[],"other":"{other}","escalation":"no","happened_at":null,"given_by":null}}"#
    )
}

#[test]
fn a_note_reads_and_writes_as_the_same_text() {
    let text = format!(
        r#"{{"kind":"note/1","about":null,"data":{}}}"#,
        with_other("Ate well")
    );
    assert_eq!(Body::parse(&text).unwrap().to_text(), text);
}

#[test]
fn repeated_and_unknown_members_are_refused() {
    let twice = format!(
        r#"{{"person":"{PERSON}","person":"{PERSON}","delivered":[],"other":"x","escalation":"no"}}"#
    );
    assert!(refused(note(&twice)).contains("duplicate field `person`"));
    let unknown = format!(
        r#"{{"person":"{PERSON}","delivered":[],"other":"x","escalation":"no","mood":"good"}}"#
    );
    assert!(refused(note(&unknown)).contains("unknown field `mood`"));
    let kind_twice = r#"{"kind":"note/1","kind":"note/1","about":null,"data":{}}"#;
    assert!(refused(Body::parse(kind_twice)).contains("duplicate member `kind`"));
}

#[test]
fn what_must_be_there_is_there() {
    assert!(refused(Body::parse(r#"{"kind":"note/1","data":{}}"#)).contains("about"));
    assert!(refused(Body::parse(r#"{"kind":"note/1","about":null}"#)).contains("data"));
    assert!(refused(note("[]")).contains("invalid type: sequence"));
    assert!(refused(note(&with_other(" "))).contains("says nothing"));
}

#[test]
fn lone_surrogates_are_refused_and_pairs_are_text() {
    assert!(refused(note(&with_other("\\ud800"))).contains("hex escape"));
    assert!(note(&with_other("\\ud83d\\ude00")).is_ok());
}

#[test]
fn unknown_choices_and_long_texts_are_refused() {
    let choice =
        format!(r#"{{"person":"{PERSON}","delivered":[],"other":"x","escalation":"perhaps"}}"#);
    assert!(refused(note(&choice)).contains("perhaps"));
    assert!(note(&with_other(&"é".repeat(TEXT))).is_ok());
    assert_eq!(
        refused(note(&with_other(&"é".repeat(TEXT + 1)))),
        "data.other has more than 2000 characters"
    );
}

#[test]
fn an_unknown_kind_is_told_apart_from_a_broken_body() {
    for newer in [
        r#"{"kind":"note/2","about":null,"data":{"anything":[1,2,{}]}}"#,
        r#"{"kind":"note/2","about":null,"data":{},"more":1}"#,
        r#"{"kind":"note/2","about":{"entry":5},"data":[]}"#,
        r#"{"about":"ABC","files":["one",2],"kind":"note/2"}"#,
        r#"{"kind":"note/2","data":{"a":1,"a":2}}"#,
    ] {
        let unknown = BodyError::UnknownKind("note/2".into());
        assert_eq!(Body::parse(newer), Err(unknown), "{newer}");
    }
    for broken in [
        "not json",
        r#""note/2""#,
        r#"["note/2"]"#,
        r#"{"about":null,"data":{}}"#,
        r#"{"kind":2,"about":null,"data":{}}"#,
        r#"{"kind":null,"about":null,"data":{}}"#,
        r#"{"kind":"note/2","kind":"note/1","about":null,"data":{}}"#,
        r#"{"kind":"note/2","about":null,"data":{"other":"\ud800"}}"#,
    ] {
        refused(Body::parse(broken));
    }
}

#[test]
fn what_a_body_is_about_is_written_as_every_other_id() {
    let about = |about: &str| {
        let data = with_other("Ate well");
        Body::parse(&format!(
            r#"{{"kind":"note/1","about":"{about}","data":{data}}}"#
        ))
    };
    assert!(about(PERSON).is_ok());
    for other in [
        PERSON.to_uppercase(),
        PERSON.replace('-', ""),
        format!("{{{PERSON}}}"),
        format!("urn:uuid:{PERSON}"),
    ] {
        assert!(refused(about(&other)).contains("hyphenated and in lower case"));
    }
}

#[test]
fn a_plan_change_and_a_question_are_about_the_instruction_that_they_name() {
    const PLAN: &str = "01980000-0000-7000-8000-0000000000a2";
    let update = format!(
        r#""person":"{PERSON}","plan":"{PLAN}","support_task":"Skin","before":"Heels.","after":"Hips.","reason":"Why","effective_from":1,"urgency":"today","must_see":"everyone","supersedes":null"#
    );
    let question =
        format!(r#""person":"{PERSON}","plan":"{PLAN}","update":null,"text":"Which is it?""#);
    for (kind, data) in [("plan-update/1", update), ("question/1", question)] {
        let about = |about: String| {
            Body::parse(&format!(
                r#"{{"kind":"{kind}","about":{about},"data":{{{data}}}}}"#
            ))
        };
        assert!(about(format!(r#""{PLAN}""#)).is_ok(), "{kind}");
        for other in ["null".to_owned(), format!(r#""{PERSON}""#)] {
            assert_eq!(
                refused(about(other)),
                "about is not the instruction that data names"
            );
        }
    }
}

#[test]
fn a_hand_over_and_an_answer_to_warnings_are_about_nothing() {
    let handed = format!(r#"{{"to":"{PERSON}","updates":[],"note":""}}"#);
    let taken = format!(
        r#"{{"warnings":[{{"sign":"inconsistent","about":"{PERSON}"}}],"answer":"have_it"}}"#
    );
    for (kind, data) in [("hand-over/1", handed), ("warning-answer/1", taken)] {
        let about = |about: &str| {
            Body::parse(&format!(
                r#"{{"kind":"{kind}","about":{about},"data":{data}}}"#
            ))
        };
        assert!(about("null").is_ok(), "{kind}");
        assert_eq!(
            refused(about(&format!(r#""{PERSON}""#))),
            "about must be empty"
        );
    }
}

#[test]
fn an_amendment_is_about_the_record_it_amends() {
    let id = "01980000-0000-7000-8000-0000000000e1";
    let text = |about: &str| {
        format!(
            r#"{{"kind":"acknowledgement/1","about":{about},"data":{{"entry":"{id}","to":"{PERSON}"}}}}"#
        )
    };
    assert!(Body::parse(&text(&format!("\"{id}\""))).is_ok());
    assert!(refused(Body::parse(&text("null"))).starts_with("about is not the record"));
}

#[test]
fn words_of_every_script_come_through_as_they_were_written() {
    let written = "O’Neil <b>=1+1</b> 李明 محمد \n\t Siân \u{0} end";
    let Data::Note(mut record) = note(&with_other("x")).unwrap().data else {
        panic!()
    };
    record.other = written.into();
    let text = Body::new(Data::Note(record)).to_text();
    let Data::Note(read) = Body::parse(&text).unwrap().data else {
        panic!()
    };
    assert_eq!(read.other, written);
}

#[test]
fn a_plan_change_that_changes_nothing_or_reaches_no_device_is_refused() {
    let update = |after: &str, must_see: &str| {
        Body::parse(&format!(
            r#"{{"kind":"plan-update/1","about":"{PERSON}","data":{{"person":"{PERSON}","plan":"{PERSON}","support_task":"Skin","before":"Look at heels.","after":"{after}","reason":"Why","effective_from":1,"urgency":"today","must_see":{must_see},"supersedes":null}}}}"#
        ))
    };
    let everyone = r#""everyone""#;
    assert!(update("Look at hips.", everyone).is_ok());
    assert_eq!(
        refused(update("Look  at heels. ", everyone)),
        "data.after says the same as data.before"
    );
    assert_eq!(refused(update(" ", everyone)), "data.after is empty");
    assert!(refused(update("New", r#"{"devices":[]}"#)).starts_with("data.must_see lists none"));
    assert!(update("New", r#"{"roles":["support_worker"]}"#).is_ok());
    assert!(refused(update("New", r#"{"roles":["cook"]}"#)).contains("cook"));
}

#[test]
fn a_plan_change_takes_effect_within_a_year_of_when_it_was_made() {
    const DAY: crate::encoding::Millis = 24 * 3_600_000;
    let made = 1_795_556_100_000;
    let from = |days: crate::encoding::Millis| {
        let body = Body::parse(&format!(
            r#"{{"kind":"plan-update/1","about":"{PERSON}","data":{{"person":"{PERSON}","plan":"{PERSON}","support_task":"Skin","before":"Heels.","after":"Hips.","reason":"Why","effective_from":{},"urgency":"today","must_see":"everyone","supersedes":null}}}}"#,
            made + days * DAY
        ));
        body.unwrap().check_made(made)
    };
    // A form may be checked before midnight and saved after: the past has a day more.
    for days in [-367, 0, 366] {
        assert_eq!(from(days), Ok(()), "{days}");
    }
    for days in [-368, 367, -20_000, 20_000] {
        let why = "data.effective_from is more than a year from when it was made";
        assert_eq!(from(days), Err(BodyError::Invalid(why.into())), "{days}");
    }
}
