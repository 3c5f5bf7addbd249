//! A disk that can fail: a small library in front of the C library's, loaded into the real binary. It keeps beside the
//! files what a machine would find of them after a power cut: only what an fsync that succeeded covered. As in the kernel,
//! a failed fsync drops what was waiting and calls it clean (LWN 752063), and pages of 4 kB are written whole.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::Process;

const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
enum { FILES = 8, PAGES = 65536 };
static struct file { char name[64]; unsigned char dirty[PAGES]; off_t cut; } files[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
__attribute__((constructor)) static void begin(void) {
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite");
}
static int told(const char *what) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("HOLDFAST_DISK"), what);
    return access(path, F_OK) == 0;
}
static struct file *ours(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return NULL;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    if (!name || strncmp(++name, "holdfast.db", 11) != 0 || strlen(name) > 60) return NULL;
    for (int i = 0; i < FILES; i++) {
        if (!files[i].name[0]) { strcpy(files[i].name, name); files[i].cut = -1; }
        if (strcmp(files[i].name, name) == 0) return &files[i];
    }
    abort();
}
static void touched(struct file *file, off_t at, size_t length) {
    for (off_t page = at / 4096; length && page <= (off_t)(at + length - 1) / 4096; page++) {
        if (page >= PAGES) abort();
        file->dirty[page] = 1;
    }
}
static ssize_t written(int fd, const void *bytes, size_t length, off_t at, int seeks) {
    pthread_mutex_lock(&lock);
    struct file *file = ours(fd);
    ssize_t done = -1;
    if (file && told("full")) errno = ENOSPC;
    else {
        if (file && seeks) at = lseek(fd, 0, SEEK_CUR);
        done = seeks ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, at);
        if (file && done > 0) touched(file, at, done);
    }
    pthread_mutex_unlock(&lock);
    return done;
}
ssize_t write(int fd, const void *bytes, size_t length) { return written(fd, bytes, length, 0, 1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return written(fd, bytes, length, at, 0); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return written(fd, bytes, length, at, 0); }
int ftruncate(int fd, off_t size) {
    pthread_mutex_lock(&lock);
    struct file *file = ours(fd);
    int done = real_ftruncate(fd, size);
    if (file && done == 0) {
        for (off_t page = (size + 4095) / 4096; page < PAGES; page++) file->dirty[page] = 0;
        if (file->cut < 0 || size < file->cut) file->cut = size;
    }
    pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }
int fdatasync(int fd) {
    pthread_mutex_lock(&lock);
    struct file *file = ours(fd);
    int done = 0;
    if (!file) done = real_fdatasync(fd);
    else if (told("failing")) {
        memset(file->dirty, 0, PAGES);
        errno = EIO;
        done = -1;
    } else {
        char path[4096], page[4096];
        struct stat now;
        snprintf(path, sizeof path, "%s/kept/%s", getenv("HOLDFAST_DISK"), file->name);
        int kept = open(path, O_RDWR | O_CREAT, 0600), readable;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        readable = open(path, O_RDONLY);
        if (kept < 0 || readable < 0 || fstat(fd, &now) != 0) abort();
        if (file->cut >= 0 && real_ftruncate(kept, file->cut) != 0) abort();
        file->cut = -1;
        for (off_t i = 0; i < PAGES; i++) if (file->dirty[i]) {
            ssize_t length = pread(readable, page, 4096, i * 4096);
            if (length < 0 || real_pwrite(kept, page, length, i * 4096) != length) abort();
            file->dirty[i] = 0;
        }
        close(kept);
        close(readable);
    }
    pthread_mutex_unlock(&lock);
    return done;
}
int fsync(int fd) { return fdatasync(fd); }
"#;

/// The disk under one database.
pub struct Disk {
    folder: PathBuf,
    library: PathBuf,
}

impl Disk {
    /// Over a database that no process has open. `folder` is for what the disk needs, and is made.
    pub fn under(database: &Path, folder: &Path) -> Self {
        let kept = folder.join("kept");
        fs::create_dir_all(&kept).expect("made");
        crate::log::copy(database.parent().expect("a folder"), &kept);
        let (source, library) = (folder.join("disk.c"), folder.join("disk.so"));
        fs::write(&source, LIBRARY).expect("written");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(&source)
            .args(["-ldl", "-lpthread"])
            .status();
        assert!(
            built
                .expect("a C compiler, which linking Rust needs too")
                .success()
        );
        Self {
            folder: folder.to_owned(),
            library,
        }
    }

    pub fn serve(&self, database: &Path) -> Process {
        Process::start(
            database,
            &[
                ("LD_PRELOAD", self.library.as_path()),
                ("HOLDFAST_DISK", self.folder.as_path()),
            ],
        )
    }

    /// Every fsync fails from now on, or no longer.
    pub fn failing(&self, yes: bool) {
        self.tell("failing", yes);
    }

    /// Every write finds no room from now on, or no longer.
    pub fn full(&self, yes: bool) {
        self.tell("full", yes);
    }

    fn tell(&self, what: &str, yes: bool) {
        let flag = self.folder.join(what);
        if yes {
            fs::write(flag, "").expect("told");
        } else {
            fs::remove_file(flag).expect("told");
        }
    }

    /// What a power cut leaves, as a folder with the database in it.
    pub fn after_a_power_cut(&self) -> PathBuf {
        self.folder.join("kept")
    }
}
