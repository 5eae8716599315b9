#include "archive_copy.h"

#include <fcntl.h>

#include <sheafline/copy_file.h>
#include <sheafline/fault_point.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/stage.h>

namespace sheafline::extract {

std::filesystem::path unpublished(const std::filesystem::path& copy) {
    return copy.string() + ".tmp";
}

std::unique_ptr<DurableFile> copyArchive(const ArchiveFile& source,
                                         const std::filesystem::path& copy,
                                         const std::stop_token& stop) {
    {
        const FileDescriptor target = openFile(unpublished(copy), O_WRONLY | O_CREAT | O_TRUNC);
        const std::uint64_t copied =
            copyFile(source.descriptor(), target.get(), "the archive " + source.name(), stop);
        throwIfStopped(stop);
        if (copied < source.size()) throwTruncated(source.name());
    }
    faultPoint("extract.copy");
    return std::make_unique<DurableFile>(copy, source.size());
}

}  // namespace sheafline::extract
