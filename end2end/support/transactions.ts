// What a page writes to its database, as the browser itself tells it.

declare global {
  interface Window {
    transactions: { stores: string[]; mode: string; durability: string; complete: boolean }[];
    holdSaves: boolean;
  }
}

/**
 * Runs in the page before the app: writes down every transaction, and while `holdSaves` keeps those that
 * may write to the outbox from completing.
 */
export function watchTransactions(): void {
  window.transactions = [];
  window.holdSaves = false;
  const commit = IDBTransaction.prototype.commit;
  IDBTransaction.prototype.commit = function () {
    if (!window.holdSaves) commit.call(this); // else it completes by itself when it is let go
  };
  const open = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const transaction = open.call(this, stores, mode, options);
    const seen = {
      stores: [...transaction.objectStoreNames],
      mode: transaction.mode as string,
      durability: transaction.durability as string,
      complete: false,
    };
    window.transactions.push(seen);
    transaction.addEventListener("complete", () => (seen.complete = true));
    if (seen.mode === "readwrite" && seen.stores.includes("outbox")) {
      const store = transaction.objectStore("outbox");
      const spin = () => {
        if (window.holdSaves) store.count().onsuccess = spin;
      };
      spin();
    }
    return transaction;
  };
}
