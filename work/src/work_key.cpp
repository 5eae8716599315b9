// The file has 64 hexadecimal digits and a line end, so that it can be copied as text.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/work/work_key.h>

namespace sheafline::work {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 64;

[[noreturn]] void reject(const fs::path& file, const std::string& reason) {
    throw Error(ErrorClass::permanent, "WORK_KEY", "the work key " + file.string() + " " + reason);
}

std::string hex(const unsigned char* bytes, std::size_t size) {
    std::string text(2 * size + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes, size);
    text.pop_back();
    return text;
}

void writeAll(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot write the work key");
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(fd) != 0) throwSystemError(errno, "cannot write the work key");
}

// If two programs create it at once, the second one uses the key of the first.
void create(const fs::path& file) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) reject(file, "cannot be created: " + error.message());
    std::array<unsigned char, kDigits / 2> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    const fs::path temporary = file.string() + "." + std::to_string(::getpid()) + "." +
                               std::to_string(randombytes_random()) + ".tmp";
    writeAll(openFile(temporary, O_CREAT | O_EXCL | O_WRONLY, 0600).get(),
             hex(bytes.data(), bytes.size()) + "\n");
    const bool first = ::link(temporary.c_str(), file.c_str()) == 0;
    const int error_number = errno;
    ::unlink(temporary.c_str());
    if (!first && error_number != EEXIST) {
        throwSystemError(error_number, "cannot create the work key " + file.string());
    }
    syncFolder(file.parent_path());
}

std::string read(const fs::path& file) {
    if (::access(file.c_str(), F_OK) != 0) create(file);
    const FileDescriptor fd = openFile(file, O_RDONLY);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) throwSystemError(errno, "cannot read the work key");
    if ((status.st_mode & 077U) != 0) {
        reject(file, "can be read by other users; run: chmod 600 '" + file.string() + "'");
    }
    std::string text(kDigits + 2, '\0');
    const ssize_t count = ::read(fd.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

WorkKey::WorkKey(const fs::path& file) {
    if (sodium_init() < 0) throw Error(ErrorClass::permanent, "WORK_KEY", "libsodium cannot start");
    const std::string text = read(file);
    std::size_t size = 0;
    if (text.size() != kDigits || sodium_hex2bin(bytes_.data(), bytes_.size(), text.data(),
                                                 text.size(), nullptr, &size, nullptr) != 0) {
        reject(file,
               "is not 64 hexadecimal digits; copy it from the host of the batches, or remove "
               "it to create a new one");
    }
}

fs::path WorkKey::defaultFile() {
    const auto environment = [](const char* name) -> std::string {
        const char* value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
    if (const std::string file = environment("SHEAFLINE_WORK_KEY"); !file.empty()) return file;
    if (const std::string folder = environment("XDG_CONFIG_HOME"); !folder.empty()) {
        return fs::path(folder) / "sheafline" / "work.key";
    }
    std::string home = environment("HOME");
    if (home.empty()) {
        const passwd* user = ::getpwuid(::geteuid());
        home = user == nullptr ? "" : user->pw_dir;
    }
    if (home.empty()) {
        throw Error(ErrorClass::permanent, "WORK_KEY",
                    "there is no home folder for the work key; set `work-key` in the "
                    "configuration, or SHEAFLINE_WORK_KEY, to a file");
    }
    return fs::path(home) / ".config" / "sheafline" / "work.key";
}

std::string WorkKey::sign(std::initializer_list<std::string_view> parts) const {
    crypto_auth_hmacsha256_state state{};
    crypto_auth_hmacsha256_init(&state, bytes_.data(), bytes_.size());
    for (const std::string_view part : parts) {
        // Its length first: otherwise "ab","c" would have the signature of "a","bc".
        const std::string length = std::to_string(part.size()) + ":";
        for (const std::string_view bytes : {std::string_view(length), part}) {
            crypto_auth_hmacsha256_update(
                &state, reinterpret_cast<const unsigned char*>(bytes.data()),  // NOLINT
                bytes.size());
        }
    }
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> signature{};
    crypto_auth_hmacsha256_final(&state, signature.data());
    return hex(signature.data(), signature.size());
}

bool WorkKey::verifies(std::string_view signature,
                       std::initializer_list<std::string_view> parts) const {
    const std::string expected = sign(parts);
    return signature.size() == expected.size() &&
           sodium_memcmp(signature.data(), expected.data(), expected.size()) == 0;
}

}  // namespace sheafline::work
