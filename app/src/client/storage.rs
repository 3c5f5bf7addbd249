//! The phone's database: the only code that speaks IndexedDB. Decided writes go in, rows come
//! out; every transaction states its durability, and each operation is tried once more on a
//! fresh connection where the browser lost the old one.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use holdfast_domain::outbox::VaultId;
use holdfast_domain::outbox::row::{Change, Durability, Field, Part, Row, RowKey, Store, Write};
use holdfast_domain::sealing::DataKey;
use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomException, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest,
    IdbTransaction,
};

use super::clock;

const NAME: &str = "holdfast";
const VERSION: u32 = 1;
/// `own`'s index over the field of the same name.
const INDEX: &str = "name";

#[wasm_bindgen]
extern "C" {
    /// web-sys has a transaction's options only among its unstable interfaces.
    type DurableDatabase;
    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &DurableDatabase,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;

    type OpenTransaction;
    #[wasm_bindgen(method, catch)]
    fn commit(this: &OpenTransaction) -> Result<(), JsValue>;

    type IndexedStore;
    #[wasm_bindgen(method, catch, js_name = createIndex)]
    fn create_index(
        this: &IndexedStore,
        name: &str,
        path: &str,
        options: &Object,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn index(this: &IndexedStore, name: &str) -> Result<StoreIndex, JsValue>;

    type StoreIndex;
    #[wasm_bindgen(method, catch, js_name = getKey)]
    fn get_key(this: &StoreIndex, key: &JsValue) -> Result<IdbRequest, JsValue>;
}

/// Why the database did not do it. Nothing of the transaction is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The browser gives no more room.
    Full,
    /// The connection was lost, twice.
    Lost(String),
    /// The browser has deleted the database; an empty one is open now.
    Emptied,
    /// It was not possible: another row is there, or the plan wrote nothing.
    Refused(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => out.write_str("the phone's storage is full"),
            Self::Emptied => out.write_str("the browser has deleted what the phone kept"),
            Self::Lost(why) | Self::Refused(why) => out.write_str(why),
        }
    }
}

impl From<JsValue> for Fault {
    fn from(value: JsValue) -> Self {
        let (name, message) = match value.dyn_ref::<DomException>() {
            Some(exception) => (exception.name(), exception.message()),
            None => (String::new(), value.as_string().unwrap_or_default()),
        };
        match name.as_str() {
            "QuotaExceededError" => Self::Full,
            "InvalidStateError" | "UnknownError" | "AbortError" | "TransactionInactiveError" => {
                Self::Lost(format!("{name}: {message}"))
            }
            _ => Self::Refused(format!("{name}: {message}")),
        }
    }
}

/// What seals the fields that must be.
pub struct Sealer<'a> {
    pub data_key: &'a DataKey,
    pub vault: VaultId,
}

impl Sealer<'_> {
    /// Seals the fields of all writes that must be.
    pub fn seal_all(&self, writes: &mut [Write]) {
        for write in writes {
            self.seal(write);
        }
    }

    fn seal(&self, write: &mut Write) {
        match &mut write.change {
            Change::Add(row) | Change::Put(row) | Change::Merge(row) => {
                row.seal(
                    self.data_key,
                    write.store,
                    &self.vault,
                    &write.key,
                    clock::random,
                );
            }
            Change::Delete | Change::DeleteUnder => {}
        }
    }
}

/// One read of [`Storage::read_then_write`].
pub enum Read {
    Row(Store, RowKey),
    /// Whether `own` has a row of this name; an empty row stands for yes.
    OwnName([u8; 16]),
}

/// What is decided from what was read: a value, and the sealed writes.
pub type Plan<T> = Rc<dyn Fn(Vec<Option<Row>>) -> Result<(T, Vec<Write>), String>>;

/// Called when the database is found deleted.
type Emptied = Rc<dyn Fn()>;

/// The database, opened when first needed and again when it was lost.
#[derive(Clone, Default)]
pub struct Storage {
    open: Rc<RefCell<Option<IdbDatabase>>>,
    /// This page has had it open before.
    known: Rc<Cell<bool>>,
    on_emptied: Rc<RefCell<Option<Emptied>>>,
}

impl Storage {
    /// Calls this whenever the database that this page had open is found deleted.
    pub fn on_emptied(&self, then: impl Fn() + 'static) {
        *self.on_emptied.borrow_mut() = Some(Rc::new(then));
    }

    /// One row.
    ///
    /// # Errors
    /// [`Fault`] where the database cannot be read.
    pub async fn get(&self, store: Store, key: &[Part]) -> Result<Option<Row>, Fault> {
        self.again(async || {
            let db = self.database().await?;
            let request = reading(&db, store)?.get(&js_key(key))?;
            Ok(row(&settled(&request).await?))
        })
        .await
    }

    /// All rows of a store whose key begins with `under`, in the order of their keys.
    ///
    /// # Errors
    /// [`Fault`] where the database cannot be read.
    pub async fn all(&self, store: Store, under: &[Part]) -> Result<Vec<(RowKey, Row)>, Fault> {
        self.picked(store, under, &row).await
    }

    /// As [`Storage::all`], of each row these fields alone: the rest is not brought over.
    ///
    /// # Errors
    /// [`Fault`] where the database cannot be read.
    pub async fn fields(
        &self,
        store: Store,
        under: &[Part],
        names: &[&'static str],
    ) -> Result<Vec<(RowKey, Row)>, Fault> {
        let pick = |value: &JsValue| {
            let fields = names.iter().filter_map(|name| {
                let field = Reflect::get(value, &js_name(name)).ok()?;
                Some((Cow::Borrowed(*name), own_field(&field)?))
            });
            Some(Row(fields.collect()))
        };
        self.picked(store, under, &pick).await
    }

    async fn picked(
        &self,
        store: Store,
        under: &[Part],
        pick: &dyn Fn(&JsValue) -> Option<Row>,
    ) -> Result<Vec<(RowKey, Row)>, Fault> {
        self.again(async || {
            let db = self.database().await?;
            let rows = reading(&db, store)?;
            let range = range(under)?;
            let (keys, values) = if under.is_empty() {
                (rows.get_all_keys()?, rows.get_all()?)
            } else {
                (
                    rows.get_all_keys_with_key(&range)?,
                    rows.get_all_with_key(&range)?,
                )
            };
            let keys: Array = settled(&keys).await?.unchecked_into();
            let values: Array = settled(&values).await?.unchecked_into();
            Ok(keys
                .iter()
                .zip(values.iter())
                .filter_map(|(key, value)| Some((row_key(&key), pick(&value)?)))
                .collect())
        })
        .await
    }

    /// The keys of a store that begin with `under`, in their order.
    ///
    /// # Errors
    /// [`Fault`] where the database cannot be read.
    pub async fn keys(&self, store: Store, under: &[Part]) -> Result<Vec<RowKey>, Fault> {
        self.again(async || {
            let db = self.database().await?;
            let keys = reading(&db, store)?.get_all_keys_with_key(&range(under)?)?;
            let keys: Array = settled(&keys).await?.unchecked_into();
            Ok(keys.iter().map(|key| row_key(&key)).collect())
        })
        .await
    }

    /// The bytes in one field of each of these rows, all read in one transaction.
    ///
    /// # Errors
    /// [`Fault`] where the database cannot be read.
    pub async fn rows(
        &self,
        store: Store,
        keys: &[RowKey],
        field: &str,
    ) -> Result<Vec<Option<Uint8Array>>, Fault> {
        self.again(async || {
            let db = self.database().await?;
            let rows = reading(&db, store)?;
            let mut asked = Vec::with_capacity(keys.len());
            for key in keys {
                asked.push(begun(&rows.get(&js_key(key))?));
            }
            let mut found = Vec::with_capacity(keys.len());
            for request in asked {
                // Each is heard to its end, also where one before it failed.
                let value = finished(request).await;
                let bytes = value.map(|value| Reflect::get(&value, &js_name(field)).ok());
                found.push(bytes.map(|bytes| bytes.and_then(|bytes| bytes.dyn_into().ok())));
            }
            found.into_iter().collect()
        })
        .await
    }

    /// All writes in one transaction, or none.
    ///
    /// # Errors
    /// [`Fault`] where the transaction did not complete.
    pub async fn write(
        &self,
        sealer: Option<&Sealer<'_>>,
        durability: Durability,
        mut writes: Vec<Write>,
    ) -> Result<(), Fault> {
        if writes.is_empty() {
            return Ok(());
        }
        if let Some(sealer) = sealer {
            sealer.seal_all(&mut writes);
        }
        let writes = Rc::new(writes);
        self.again(async || {
            let db = self.database().await?;
            let transaction = writing(&db, durability, &stores(&writes))?;
            let end = ended(&transaction);
            let merges = issue(&transaction, &writes)?;
            let kept = merge(&transaction, Rc::clone(&writes), merges)?;
            JsFuture::from(end)
                .await
                .map_err(|_| aborted(&transaction))?;
            drop(kept);
            Ok(())
        })
        .await
    }

    /// Reads, then in the same strict transaction, synchronously in the last read's callback,
    /// whatever `plan` decides from what was read. `plan` seals its own writes by the sealer; it
    /// and `reads` are called once a try.
    ///
    /// # Errors
    /// [`Fault`] where the transaction did not complete.
    pub async fn read_then_write<T: 'static>(
        &self,
        over: &[Store],
        reads: impl Fn() -> Vec<Read>,
        plan: Plan<T>,
    ) -> Result<T, Fault> {
        self.again(async || {
            let db = self.database().await?;
            let transaction = writing(&db, Durability::Strict, over)?;
            let end = ended(&transaction);
            let mut requests = Vec::new();
            for read in reads() {
                requests.push(match read {
                    Read::Row(store, key) => {
                        transaction.object_store(store.name())?.get(&js_key(&key))?
                    }
                    Read::OwnName(name) => {
                        let own: IndexedStore = transaction
                            .object_store(Store::Own.name())?
                            .unchecked_into();
                        own.index(INDEX)?.get_key(&Uint8Array::from(&name[..]))?
                    }
                });
            }
            let outcome: Rc<RefCell<Option<Result<T, String>>>> = Rc::default();
            let then = {
                let (plan, outcome, transaction) =
                    (Rc::clone(&plan), Rc::clone(&outcome), transaction.clone());
                let requests: Vec<IdbRequest> = requests.clone();
                let left = Cell::new(requests.len());
                Closure::<dyn FnMut()>::new(move || {
                    left.set(left.get() - 1);
                    if left.get() > 0 {
                        return;
                    }
                    let found = requests.iter().map(found).collect();
                    let planned = plan(found).and_then(|(value, writes)| {
                        issue(&transaction, &writes).map_err(|fault| fault.to_string())?;
                        commit(&transaction).map_err(|fault| Fault::from(fault).to_string())?;
                        Ok(value)
                    });
                    if planned.is_err() {
                        // Already aborting where a write was refused.
                        let _ = transaction.abort();
                    }
                    *outcome.borrow_mut() = Some(planned);
                })
            };
            for request in &requests {
                request.set_onsuccess(Some(then.as_ref().unchecked_ref()));
            }
            let ended = JsFuture::from(end).await;
            drop(then);
            match (ended, outcome.borrow_mut().take()) {
                (Ok(_), Some(Ok(value))) => Ok(value),
                (_, Some(Err(why))) => Err(Fault::Refused(why)),
                _ => Err(aborted(&transaction)),
            }
        })
        .await
    }

    /// Tries once more on a fresh connection where the first try found the old one gone.
    async fn again<T>(&self, operation: impl AsyncFn() -> Result<T, Fault>) -> Result<T, Fault> {
        match operation().await {
            Err(Fault::Lost(_)) => {
                if let Some(db) = self.open.borrow_mut().take() {
                    db.close();
                }
                operation().await
            }
            outcome => outcome,
        }
    }

    /// Opens the database that was closed. While the browser still deletes it, it gives none.
    fn open_again(&self, tries: u32) {
        let storage = self.clone();
        spawn_local(async move {
            match storage.database().await {
                Err(Fault::Lost(_)) if tries > 0 => {
                    clock::after(500, move || storage.open_again(tries - 1));
                }
                // The next operation tries again.
                Err(fault) => leptos::logging::warn!("the database was closed: {fault}"),
                Ok(_) => {}
            }
        });
    }

    async fn database(&self) -> Result<IdbDatabase, Fault> {
        if let Some(db) = self.open.borrow().clone() {
            return Ok(db);
        }
        let factory = web_sys::window()
            .and_then(|window| window.indexed_db().ok().flatten())
            .ok_or_else(|| Fault::Refused("this browser gives the app no storage".to_owned()))?;
        let request = factory.open_with_u32(NAME, VERSION)?;
        let created = Rc::new(Cell::new(false));
        let upgrade = {
            let (request, created) = (request.clone(), Rc::clone(&created));
            Closure::once(move |_event: JsValue| {
                created.set(true);
                create(&request)
            })
        };
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let db: IdbDatabase = settled(&request).await?.unchecked_into();
        drop(upgrade);
        // Another tab may need a newer version, and the browser may drop a sleeping page's
        // connection: both close this one. It is opened anew at once, as it may have been deleted.
        let close = {
            let (storage, db) = (self.clone(), db.clone());
            Closure::<dyn FnMut()>::new(move || {
                db.close();
                storage.open.borrow_mut().take();
                storage.open_again(3);
            })
            .into_js_value()
        };
        db.set_onversionchange(Some(close.unchecked_ref()));
        db.set_onclose(Some(close.unchecked_ref()));
        *self.open.borrow_mut() = Some(db.clone());
        if self.known.replace(true) && created.get() {
            let then = self.on_emptied.borrow().clone();
            if let Some(then) = then {
                then();
            }
            return Err(Fault::Emptied);
        }
        Ok(db)
    }
}

fn create(request: &IdbOpenDbRequest) -> Result<(), JsValue> {
    let db: IdbDatabase = request.result()?.unchecked_into();
    for store in Store::ALL {
        let made = db.create_object_store(store.name())?;
        if store == Store::Own {
            let options = Object::new();
            Reflect::set(&options, &"unique".into(), &true.into())?;
            made.unchecked_into::<IndexedStore>()
                .create_index(INDEX, INDEX, &options)?;
        }
    }
    Ok(())
}

fn reading(db: &IdbDatabase, store: Store) -> Result<IdbObjectStore, Fault> {
    let transaction = db.transaction_with_str(store.name())?;
    Ok(transaction.object_store(store.name())?)
}

fn writing(
    db: &IdbDatabase,
    durability: Durability,
    over: &[Store],
) -> Result<IdbTransaction, Fault> {
    let names: Array = over
        .iter()
        .map(|store| JsValue::from_str(store.name()))
        .collect();
    let options = Object::new();
    let durability = match durability {
        Durability::Strict => "strict",
        Durability::Relaxed => "relaxed",
    };
    Reflect::set(&options, &"durability".into(), &durability.into())?;
    Ok(db
        .unchecked_ref::<DurableDatabase>()
        .transaction(&names, "readwrite", &options)?)
}

fn stores(writes: &[Write]) -> Vec<Store> {
    let mut stores: Vec<Store> = writes.iter().map(|write| write.store).collect();
    stores.sort_unstable();
    stores.dedup();
    stores
}

/// A merge whose row is being read: which write it is of, and where the merged row goes.
struct Merge {
    at: usize,
    store: IdbObjectStore,
    read: IdbRequest,
}

/// Issues every write but the merges, whose rows are read first; gives their reads.
fn issue(transaction: &IdbTransaction, writes: &[Write]) -> Result<Vec<Merge>, Fault> {
    let mut merges = Vec::new();
    let mut stores: Vec<(Store, IdbObjectStore)> = Vec::new();
    for (at, write) in writes.iter().enumerate() {
        let open = stores.iter().find(|(store, _)| *store == write.store);
        let store = match open {
            Some((_, store)) => store.clone(),
            None => {
                let store = transaction.object_store(write.store.name())?;
                stores.push((write.store, store.clone()));
                store
            }
        };
        match &write.change {
            Change::Add(row) => {
                store.add_with_key(&js_row(row)?, &js_key(&write.key))?;
            }
            Change::Put(row) => {
                store.put_with_key(&js_row(row)?, &js_key(&write.key))?;
            }
            // No code path deletes what may not be sent yet; this holds for those to come.
            Change::Delete | Change::DeleteUnder if write.store == Store::Outbox => {
                return Err(Fault::Refused(
                    "a row of the outbox is never deleted".to_owned(),
                ));
            }
            Change::Merge(_) => {
                let read = store.get(&js_key(&write.key))?;
                merges.push(Merge { at, store, read });
            }
            Change::Delete => {
                store.delete(&js_key(&write.key))?;
            }
            Change::DeleteUnder => {
                store.delete(&range(&write.key)?)?;
            }
        }
    }
    Ok(merges)
}

/// Puts each merged row as its read comes in, then commits; the browser answers reads in the
/// order in which they were asked. What is given back must live until the transaction has ended.
fn merge(
    transaction: &IdbTransaction,
    writes: Rc<Vec<Write>>,
    merges: Vec<Merge>,
) -> Result<Option<Closure<dyn FnMut()>>, Fault> {
    if merges.is_empty() {
        commit(transaction)?;
        return Ok(None);
    }
    let reads: Vec<IdbRequest> = merges.iter().map(|merge| merge.read.clone()).collect();
    let transaction = transaction.clone();
    let mut next = merges.into_iter();
    let put = Closure::<dyn FnMut()>::new(move || {
        let Some(merge) = next.next() else {
            return;
        };
        let done = put_merged(&merge, &writes[merge.at]).and_then(|()| {
            if next.len() == 0 {
                commit(&transaction)
            } else {
                Ok(())
            }
        });
        if done.is_err() {
            // Already aborting where the put was refused.
            let _ = transaction.abort();
        }
    });
    for read in reads {
        read.set_onsuccess(Some(put.as_ref().unchecked_ref()));
    }
    Ok(Some(put))
}

fn put_merged(merge: &Merge, write: &Write) -> Result<(), JsValue> {
    let Change::Merge(fields) = &write.change else {
        return Ok(());
    };
    let there = merge.read.result()?;
    if !there.is_object() {
        return Ok(());
    }
    for (name, field) in &fields.0 {
        Reflect::set(&there, &js_name(name), &js_field(field)?)?;
    }
    merge.store.put_with_key(&there, &js_key(&write.key))?;
    Ok(())
}

/// Ends the transaction now instead of when the browser notices that nothing more comes.
fn commit(transaction: &IdbTransaction) -> Result<(), JsValue> {
    transaction.unchecked_ref::<OpenTransaction>().commit()
}

/// Settles with the transaction: resolved when complete, rejected when aborted.
fn ended(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    })
}

async fn settled(request: &IdbRequest) -> Result<JsValue, Fault> {
    finished(begun(request)).await
}

/// A request, and what settles with it. Set before anything is awaited: of several requests each is heard.
fn begun(request: &IdbRequest) -> (IdbRequest, Promise) {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    (request.clone(), promise)
}

async fn finished((request, promise): (IdbRequest, Promise)) -> Result<JsValue, Fault> {
    match JsFuture::from(promise).await {
        Ok(_) => Ok(request.result()?),
        Err(_) => Err(request.error().ok().flatten().map_or_else(
            || Fault::Lost("the browser gave no reason".to_owned()),
            |exception| Fault::from(JsValue::from(exception)),
        )),
    }
}

fn aborted(transaction: &IdbTransaction) -> Fault {
    transaction.error().map_or_else(
        || Fault::Lost("the browser ended the transaction".to_owned()),
        |exception| Fault::from(JsValue::from(exception)),
    )
}

/// Every key that begins with these parts: an array sorts after every other kind of part.
fn range(under: &[Part]) -> Result<JsValue, Fault> {
    let low = js_parts(under);
    let high = js_parts(under);
    high.push(&Array::new());
    Ok(IdbKeyRange::bound(&low, &high)?.into())
}

fn js_key(key: &[Part]) -> JsValue {
    match key {
        [part] => js_part(part),
        parts => js_parts(parts).into(),
    }
}

fn js_parts(parts: &[Part]) -> Array {
    parts.iter().map(js_part).collect()
}

fn js_part(part: &Part) -> JsValue {
    match part {
        Part::Text(text) => JsValue::from_str(text),
        Part::Bytes(bytes) => Uint8Array::from(&bytes[..]).into(),
        Part::Number(number) => JsValue::from_f64(f64::from(*number)),
    }
}

fn row_key(key: &JsValue) -> RowKey {
    if Array::is_array(key) {
        return key
            .unchecked_ref::<Array>()
            .iter()
            .map(|part| key_part(&part))
            .collect();
    }
    vec![key_part(key)]
}

fn key_part(part: &JsValue) -> Part {
    if let Some(text) = part.as_string() {
        return Part::Text(text);
    }
    if let Some(number) = part.as_f64() {
        return Part::Number(number as u32);
    }
    Part::Bytes(bytes(part).unwrap_or_default())
}

fn js_row(row: &Row) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, field) in &row.0 {
        Reflect::set(&object, &js_name(name), &js_field(field)?)?;
    }
    Ok(object.into())
}

/// A field's name as the browser's string, made once: a row has few names and there are many rows.
fn js_name(name: &str) -> JsValue {
    thread_local! {
        static NAMES: RefCell<Vec<(String, JsValue)>> = const { RefCell::new(Vec::new()) };
    }
    NAMES.with_borrow_mut(|names| {
        if let Some((_, made)) = names.iter().find(|(known, _)| known == name) {
            return made.clone();
        }
        let made = JsValue::from_str(name);
        names.push((name.to_owned(), made.clone()));
        made
    })
}

fn js_field(field: &Field) -> Result<JsValue, JsValue> {
    Ok(match field {
        Field::Null => JsValue::NULL,
        Field::Number(number) => JsValue::from_f64(*number as f64),
        Field::Text(text) => JsValue::from_str(text),
        Field::Bytes(bytes) => Uint8Array::from(&bytes[..]).into(),
        // Nothing is ever stored in clear because a key was missing.
        Field::Sealed(..) => return Err(JsValue::from_str("a field was not sealed")),
    })
}

/// The row of a read, `None` where there was none.
fn row(value: &JsValue) -> Option<Row> {
    if !value.is_object() || Array::is_array(value) {
        return None;
    }
    let fields = Object::entries(value.unchecked_ref());
    let fields = fields.iter().filter_map(|pair| {
        let pair: Array = pair.unchecked_into();
        Some((
            Cow::Owned(pair.get(0).as_string()?),
            own_field(&pair.get(1))?,
        ))
    });
    Some(Row(fields.collect()))
}

/// What a read of [`Storage::read_then_write`] found: a row, or that there is a key.
fn found(request: &IdbRequest) -> Option<Row> {
    let value = request.result().ok()?;
    if Array::is_array(&value) {
        Some(Row::new())
    } else {
        row(&value)
    }
}

fn own_field(value: &JsValue) -> Option<Field> {
    if value.is_null() {
        return Some(Field::Null);
    }
    if let Some(text) = value.as_string() {
        return Some(Field::Text(text));
    }
    if let Some(number) = value.as_f64() {
        return Some(Field::Number(number as i64));
    }
    bytes(value).map(Field::Bytes)
}

fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    if let Some(array) = value.dyn_ref::<Uint8Array>() {
        return Some(array.to_vec());
    }
    value
        .dyn_ref::<ArrayBuffer>()
        .map(|buffer| Uint8Array::new(buffer).to_vec())
}
