// upload_writer FOLDER SEED LENGTH PATCH_BYTES [URL]: creates the upload `b1` if it is missing, and
// sends its bytes from the current offset; prints `acked N` after each PATCH, and `done` when it is
// handed over to FOLDER/archive.zip. With a URL, the uploads are shared in that database.
#include <cstdlib>
#include <iostream>
#include <string>

#include <sheafline/error.h>

#include "memory_log.h"
#include "upload_bytes.h"
#include "uploads/upload_store.h"

namespace {

using namespace sheafline;  // NOLINT(google-build-using-namespace): a program of one function

int upload(char** argv) {
    const std::filesystem::path folder = argv[1];
    const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    const std::uint64_t length = std::strtoull(argv[3], nullptr, 10);
    const std::uint64_t patch_bytes = std::strtoull(argv[4], nullptr, 10);
    MemoryLog log;
    UploadStore store(
        folder / "uploads", {.reserve_bytes = 0, .slice_bytes = 50'000, .sync_bytes = 10'000},
        {.wall_seconds = [] { return 1; }, .steady_ms = [] { return 0; }},
        [](const std::string&, const UploadChunk&) {}, log, {},
        argv[5] == nullptr ? nullptr : std::make_unique<SharedUploads>(argv[5], "writer"));
    store.create({.id = "b1", .owner = "ann", .length = length}, {});
    UploadResult at = store.head("b1", "ann");
    while (!at.complete) {
        AppendStart start = store.append("b1", "ann", {.offset = at.offset});
        if (!start.session) return 3;
        const std::uint64_t end = std::min(length, at.offset + patch_bytes);
        for (std::uint64_t sent = at.offset; sent < end; sent += 1000) {
            start.session->write(
                uploadBytes(seed, sent, std::min<std::uint64_t>(1000, end - sent)));
        }
        at = start.session->finish();
        if (at.outcome != UploadOutcome::ok) return 4;
        std::cout << "acked " << at.offset << std::endl;
    }
    if (store.handOver("b1", folder / "archive.zip").outcome != UploadOutcome::ok) return 5;
    std::cout << "done" << std::endl;
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return argc == 5 || argc == 6 ? upload(argv) : 2;
    } catch (const Error& error) {
        std::cout << error.code() << std::endl;
        return 6;
    }
}
