// A complete upload becomes the archive of its batch.
#include <cerrno>
#include <chrono>
#include <fstream>
#include <sodium.h>
#include <span>
#include <vector>

#include <sheafline/copy_file.h>
#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>

#include "uploads/upload.h"
#include "uploads/upload_file.h"
#include "uploads/upload_store.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

std::string sha256Of(const fs::path& file) {
    Digest digest(ChecksumAlgorithm::sha256);
    std::ifstream stream(file, std::ios::binary);
    std::vector<char> block(std::size_t{1} << 20);
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
           stream.gcount() > 0) {
        digest.add(std::span(block).first(static_cast<std::size_t>(stream.gcount())));
    }
    if (!stream.eof()) throwSystemError(EIO, "cannot read an upload");
    const std::string bytes = digest.take();
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    text.pop_back();
    return text;
}

}  // namespace

UploadResult UploadStore::handOver(const std::string& id, const fs::path& target) {
    const UploadPtr upload = find(id);
    if (!upload) return {.outcome = UploadOutcome::not_found};
    const UploadLock lock(*upload, std::chrono::milliseconds(limits_.patience_ms));
    if (!lock.held()) return upload->result(UploadOutcome::locked);
    if (upload->state() == UploadState::handed_over) return upload->result(UploadOutcome::ok);
    if (upload->state() == UploadState::gone) return upload->result(UploadOutcome::gone);
    if (upload->state() == UploadState::open) return upload->result(UploadOutcome::offset_mismatch);
    const fs::path bytes = UploadFile::bytesIn(upload->folder());
    std::error_code error;
    // A server was killed between the move and the note of it.
    if (!fs::exists(bytes, error) && fs::file_size(target, error) == upload->durable() && !error) {
        upload->enter(UploadState::handed_over);
        return upload->result(UploadOutcome::ok);
    }
    if (fs::file_size(bytes, error) != upload->durable() || error) {
        log_.error("upload " + id + ": its stored bytes are missing or damaged");
        markGone(*upload);
        return upload->result(UploadOutcome::gone);
    }
    const std::string sha256 = upload->info().sha256;
    if (!sha256.empty() && sha256Of(bytes) != sha256) {
        markGone(*upload);
        return upload->result(UploadOutcome::digest_mismatch);
    }
    faultPoint("upload.handover");
    moveFile(bytes, target);
    faultPoint("upload.renamed");
    syncFolder(target.parent_path());
    syncFolder(upload->folder());
    upload->enter(UploadState::handed_over);
    return upload->result(UploadOutcome::ok);
}

}  // namespace sheafline
