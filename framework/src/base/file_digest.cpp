#include "base/file_digest.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

namespace sheafline {

std::string fileText(const std::filesystem::path& file) {
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    return bytes.str();
}

std::string sha256OfFile(const std::filesystem::path& file) {
    const FileDescriptor opened = openFile(file, O_RDONLY);
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    std::array<char, 65536>
        chunk;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read
    while (true) {
        const ssize_t count = ::read(opened.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot read " + file.filename().string());
        if (count == 0) break;
        engine.update(chunk.data(), static_cast<std::size_t>(count));
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
