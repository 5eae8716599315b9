#include "accounts/secret_key.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sodium.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

namespace sheafline {

namespace {

[[noreturn]] void reject(const std::filesystem::path& file, const std::string& why) {
    throw Error(ErrorClass::permanent, "SECRET_KEY",
                file.filename().string() + " " + why +
                    "; remove it, then a new one is made and all sessions end");
}

std::optional<SecretKey> read(const std::filesystem::path& path) {
    const auto kind = std::filesystem::symlink_status(path).type();
    if (kind == std::filesystem::file_type::not_found) return std::nullopt;
    if (kind == std::filesystem::file_type::symlink) reject(path, "is a symbolic link");
    const FileDescriptor file = openFile(path, O_RDONLY | O_NOFOLLOW);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        throwSystemError(errno, "cannot check " + path.filename().string());
    }
    if (!S_ISREG(status.st_mode)) reject(path, "is not a file");
    if (status.st_uid != ::geteuid()) reject(path, "belongs to another user");
    if ((status.st_mode & 0077) != 0) reject(path, "can be read or changed by others");
    SecretKey key{};
    if (status.st_size != static_cast<off_t>(key.size()) ||
        ::read(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
        reject(path, "is not 32 bytes long");
    }
    return key;
}

std::filesystem::path oldNameOf(const std::filesystem::path& file) {
    return file.string() + ".old";
}

}  // namespace

SecretKey secretKeyOf(const std::filesystem::path& file) {
    if (const auto key = read(file)) return *key;
    if (sodium_init() < 0)
        throw Error(ErrorClass::permanent, "SECRET_KEY", "libsodium cannot start");
    SecretKey key{};
    randombytes_buf(key.data(), key.size());
    const std::filesystem::path temporary =
        file.string() + "." + std::to_string(::getpid()) + ".tmp";
    ::unlink(temporary.c_str());  // left by a killed process with this id
    {
        const FileDescriptor made =
            openFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        if (::write(made.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
            ::fsync(made.get()) != 0) {
            const int error_number = errno;
            ::unlink(temporary.c_str());
            throwSystemError(error_number, "cannot write " + file.filename().string());
        }
    }
    // link, not rename: if two processes start at once, the second one uses the key of the first.
    const bool first = ::link(temporary.c_str(), file.c_str()) == 0;
    const int error_number = errno;
    ::unlink(temporary.c_str());
    if (!first && error_number != EEXIST) {
        throwSystemError(error_number, "cannot create " + file.filename().string());
    }
    syncFolder(file.parent_path());
    if (const auto stored = read(file)) return *stored;
    reject(file, "vanished");
}

void rotateSecretKey(const std::filesystem::path& file) {
    secretKeyOf(file);  // a file that is not a key is never moved
    // Set the time first: with the file's old time, the key would count as replaced long ago.
    if (::utimensat(AT_FDCWD, file.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0 ||
        ::rename(file.c_str(), oldNameOf(file).c_str()) != 0)
        throwSystemError(errno, "cannot move " + file.string());
    syncFolder(file.parent_path());
    secretKeyOf(file);
}

std::optional<OldKey> oldKeyOf(const std::filesystem::path& file) {
    const std::filesystem::path old = oldNameOf(file);
    const auto key = read(old);
    struct stat status {};
    if (!key || ::stat(old.c_str(), &status) != 0) return std::nullopt;
    return OldKey{.key = *key, .replaced_at = status.st_mtim.tv_sec};
}

}  // namespace sheafline
