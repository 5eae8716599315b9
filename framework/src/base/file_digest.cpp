#include "base/file_digest.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

namespace sheafline {

std::string sha256OfFile(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throwSystemError(errno, "cannot read " + file.filename().string());
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    std::array<char, 65536>
        chunk;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read
    while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0) {
        engine.update(chunk.data(), static_cast<std::size_t>(in.gcount()));
    }
    return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string sha256Of(std::string_view bytes) {
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    engine.update(bytes.data(), bytes.size());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

void syncFile(const std::filesystem::path& file) {
    const FileDescriptor opened = openFile(file, O_RDONLY);
    if (::fsync(opened.get()) != 0)
        throwSystemError(errno, "cannot make " + file.filename().string() + " durable");
}

}  // namespace sheafline
