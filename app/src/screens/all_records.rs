//! Every record that somebody may read, their own among them: newest first, found by person, service and kind.

use super::not_found::NotYours;
use crate::lean::{Show, attr, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    client::{Connection, use_client},
    components::{
        frame::Frame,
        icon::Symbol,
        list::RecordList,
        message::{Banner, Blank, Skeleton},
    },
    places::Place,
};
use holdfast_domain::{
    body::Kind,
    record_search::{RecordFilter, records_that_fit, services_read},
    words,
};
use leptos::prelude::*;

/// Comes after the address of a record that is opened from this list.
pub const QUERY: &str = "?in=all";

#[component]
pub fn AllRecords() -> impl IntoView {
    let client = use_client();
    let services = memo(move || client.read(services_read));
    let filter = RwSignal::new(RecordFilter::default());
    let ids = memo(move || client.read(|ledger| filter.look(|it| records_that_fit(ledger, it))));
    let heard = move || client.up_to_date().get() || client.last_contact().get().is_some();
    let coming = move || !heard() && ids.look(Vec::is_empty);
    let offline = move || {
        let silent = matches!(
            client.connection().get(),
            Connection::Offline | Connection::Retrying
        );
        client.last_contact().get().filter(|_| silent)
    };
    let any = memo(move || filter.look(|it| *it == RecordFilter::default()));
    view! {
        <Frame place=Place::AllRecords busy=Signal::derive(coming)>
            <h1>"All records"</h1>
            <WhoseRecords here=Place::AllRecords/>
            <Show when=move || heard() && services.look(Vec::is_empty)>
                <NotYours words="Your role reads your own records alone. They are under My records."/>
            </Show>
            <Show when=move || services.look(|services| !services.is_empty())>
                {live(move || {
                    offline().map(|last| view! {
                        <Banner symbol=Symbol::Offline>
                            <p>
                                "There is no signal. These are the records of "
                                <b>{words::when(last, client.now().get())}</b>
                                ". What others wrote since then is not here yet."
                            </p>
                        </Banner>
                    })
                })}
                <Filter filter/>
                <p aria-live="polite">
                    <small>{live(move || words::count(ids.look(Vec::len), "record", "records"))}</small>
                </p>
                <Show when=coming>
                    <Skeleton/>
                </Show>
                <RecordList label="All records" ids query=QUERY/>
                <Show when=move || heard() && ids.look(Vec::is_empty)>
                    <Blank symbol=Symbol::Records>
                        {live(move || if any.get() {
                            view! {
                                <h2>"No records yet"</h2>
                                <p>"What your services write shows here, the newest first."</p>
                            }
                            .into_any()
                        } else {
                            view! {
                                <h2>"No record fits"</h2>
                                <p>"Look for another name, or for every kind and service."</p>
                                <button
                                    type="button"
                                    class="Button"
                                    on:click=move |_| filter.set(RecordFilter::default())
                                >
                                    "Show all"
                                </button>
                            }
                            .into_any()
                        })}
                    </Blank>
                </Show>
            </Show>
        </Frame>
    }
}

/// One's own records or all: for those who may read what others write.
#[component]
pub fn WhoseRecords(here: Place) -> impl IntoView {
    let client = use_client();
    let reads = move || client.read(|ledger| !services_read(ledger).is_empty());
    let tab = move |to: Place| {
        view! {
            <a href=to.path() aria-current=(to == here).then_some("page")>
                {to.title()}
            </a>
        }
    };
    view! {
        <Show when=reads>
            <nav class="Tabs" aria-label="Whose records">
                {tab(Place::Records)}
                {tab(Place::AllRecords)}
            </nav>
        </Show>
    }
}

/// By person, service and kind.
#[component]
fn Filter(filter: RwSignal<RecordFilter>) -> impl IntoView {
    let client = use_client();
    let services = memo(move || client.read(services_read));
    let kind = move |kind: Option<Kind>, label: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=attr(move || if filter.look(|it| it.kind == kind) { "true" } else { "false" })
                on:click=move |_| filter.update(|it| it.kind = kind)
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="Filter">
            <div class="Field">
                <label for="find">"About whom"</label>
                <input
                    id="find"
                    type="search"
                    dir="auto"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="Name, room or round"
                    prop:value=move || filter.look(|it| it.person.clone())
                    on:input:target=move |event| filter.update(|it| it.person = event.target().value())
                />
            </div>
            <Show when=move || services.look(|services| services.len() > 1)>
                <div class="Field">
                    <label for="service">"Service"</label>
                    <select
                        id="service"
                        autocomplete="off"
                        on:change:target=move |event| {
                            filter.update(|it| it.service = event.target().value().parse().ok());
                        }
                    >
                        <option value="" prop:selected=move || filter.look(|it| it.service.is_none())>
                            "All services"
                        </option>
                        {live(move || {
                            let services = services.get().into_iter().map(|service| view! {
                                <option
                                    value=service.id.to_string()
                                    prop:selected=move || filter.look(|it| it.service == Some(service.id))
                                >
                                    {service.name}
                                </option>
                            });
                            services.collect_view()
                        })}
                    </select>
                </div>
            </Show>
            <div class="Tabs" role="group" aria-label="Kind">
                {kind(None, "All kinds")}
                {kind(Some(Kind::Mismatch), "Mismatches")}
                {kind(Some(Kind::PlanQuestion), "Questions")}
                {kind(Some(Kind::Note), "Notes")}
            </div>
        </div>
    }
}
