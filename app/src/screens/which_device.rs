//! 'Which device is this?': this phone is one of the service's labels, or the person's own.

use super::say::say;
use crate::lean::{Show, attr};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    browser,
    client::{Phase, use_client},
    components::{
        choice::{self, Answer, Choice, Columns, on_choose},
        field::Heading,
        frame::Frame,
        icon::{Mark, MarkGround, Symbol},
        message::{Banner, Skeleton},
    },
    places::Place,
};
use holdfast_domain::{
    body::{Body, Data, DeviceKind, DeviceUse},
    ids::SubjectId,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use std::time::Duration;
use web_sys::SubmitEvent;

/// How long the question waits for the labels before it is asked with those that are there.
const PATIENCE: Duration = Duration::from_secs(10);

/// The page after the first sign-in on a phone.
#[component]
pub fn FirstDevice() -> impl IntoView {
    browser::set_title("Which device is this?");
    view! {
        <main id="main" class="Door" tabindex="-1">
            <header>
                <Mark on=MarkGround::Page/>
                <h1>"Which device is this?"</h1>
                <p>"Look for the label on the back. Your answers about care plans count for it."</p>
            </header>
            <DeviceForm on_saved=|| {}/>
            <p>
                <small>"Not right later? Change it under More."</small>
            </p>
        </main>
    }
}

/// The same question, asked again from More.
#[component]
pub fn ChangeDevice() -> impl IntoView {
    let navigate = use_navigate();
    view! {
        <Frame place=Place::Device>
            <header>
                <h1>"Which device is this?"</h1>
                <p>"Look for the label on the back. Your answers about care plans count for it."</p>
            </header>
            <DeviceForm on_saved=move || navigate(&Place::More.path(), Default::default())/>
        </Frame>
    }
}

/// A labelled device of a service, by service and label.
#[derive(Clone, PartialEq)]
struct Labelled {
    id: SubjectId,
    label: String,
    line: String,
    service: String,
}

/// `None` is the person's own phone.
type Label = Option<SubjectId>;

#[component]
fn DeviceForm(on_saved: impl Fn() + Clone + Send + Sync + 'static) -> impl IntoView {
    let client = use_client();
    let present = client.peek(|ledger| {
        ledger
            .device_use(client.device_id())
            .map(|answer| answer.label)
    });
    let chosen = RwSignal::new(present);
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let labels = memo(move || {
        client.read(|ledger| {
            let mine = client.my_services();
            let services = ledger.services();
            let mine = services.iter().filter(|service| mine.contains(&service.id));
            mine.flat_map(|service| {
                let devices = ledger.devices(service.id).into_iter();
                devices.map(|device| Labelled {
                    id: device.id,
                    label: device.label,
                    line: format!("{}, {}", kind(device.kind), device.model),
                    service: service.name.clone(),
                })
            })
            .collect::<Vec<_>>()
        })
    });
    // All labels at once: a list that grows under the finger would take the tap for another device.
    let asks = RwSignal::new(client.phase().get_untracked() == Phase::Ready);
    Effect::new(move |_| {
        if client.up_to_date().get() {
            asks.set(true);
        }
    });
    set_timeout(move || asks.try_set(true), PATIENCE);
    let answers = Signal::derive(move || {
        let labels = labels.get();
        let grouped = labels.iter().any(|it| it.service != labels[0].service);
        let under = |answer: Answer, group: String| {
            if grouped { answer.under(group) } else { answer }
        };
        let own = Answer::new::<Label>(None, "My own phone")
            .hint("It belongs to you, not to the service");
        let own = under(own, "Not of a service".to_owned());
        labels
            .into_iter()
            .map(|it| {
                under(
                    Answer::new::<Label>(Some(it.id), it.label).hint(it.line),
                    it.service,
                )
            })
            .chain([own])
            .collect()
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(label) = chosen.get_untracked() else {
            fault.set(Some(
                "Choose the label on this device, or 'My own phone'.".into(),
            ));
            browser::focus("device");
            return;
        };
        let Some(service) = client.my_services().first().copied() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        let on_saved = on_saved.clone();
        let body = Body::new(Data::DeviceUse(DeviceUse { label }));
        say(client, service, body, busy, move |said| match said {
            Ok(()) => on_saved(),
            Err(why) => {
                fault.try_set(Some(why));
            }
        });
    };
    view! {
        <Show when=move || labels.look(Vec::is_empty) && client.phase().get() != Phase::Ready>
            <Banner symbol=Symbol::Clock>
                <p>"The labels of your service are still on their way to this phone."</p>
            </Banner>
        </Show>
        <form autocomplete="off" on:submit=submit>
            <Show when=move || !asks.get()>
                <Skeleton/>
            </Show>
            <Show when=move || asks.get()>
                <Choice
                    id="device"
                    legend="Which device is this?"
                    heading=Heading::Hidden
                    columns=Columns::Two
                    answers
                    chosen=choice::chosen(move || chosen.get())
                    fault=fault
                    on_choose=on_choose(move |label: Label, _| {
                        chosen.set(Some(label));
                        fault.set(None);
                    })
                />
            </Show>
            <button
                type="submit"
                class="Button"
                data-kind="main"
                data-wide=""
                aria-disabled=attr(move || busy.get().then_some("true"))
            >
                "Use this device"
            </button>
        </form>
    }
}

fn kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Phone => "Phone",
        DeviceKind::Tablet => "Tablet",
        DeviceKind::Laptop => "Laptop",
    }
}
