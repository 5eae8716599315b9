#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <sqlite3.h>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

#include <sheafline/sqlite/database.h>
#include <sheafline/sqlite/sqlite_error.h>
#include <sheafline/sqlite/statement.h>

namespace sheafline::sqlite {

namespace {

using Clock = std::chrono::steady_clock;
using FileId = std::pair<dev_t, ino_t>;

constexpr std::chrono::milliseconds kLockPause{5};

// The files that this process has open through SQLite. The locks that this protects belong to the
// process, so one list for the process is correct.
struct OpenFiles {
    std::mutex mutex{};
    std::map<FileId, int> count{};  // guarded by mutex
};

OpenFiles& openFiles() {
    static OpenFiles files;
    return files;
}

std::optional<FileId> idOf(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return std::nullopt;
    return FileId{status.st_dev, status.st_ino};
}

}  // namespace

struct Database::Connection {
    std::filesystem::path file{};
    std::chrono::milliseconds lock_timeout{};
    std::stop_token stop{};
    Clock::time_point waiting_since{};
    std::optional<FileId> id{};
    sqlite3* handle = nullptr;

    ~Connection() {
        sqlite3_close_v2(handle);
        if (!id) return;
        const std::lock_guard lock(openFiles().mutex);
        const auto open = openFiles().count.find(*id);
        if (--open->second == 0) openFiles().count.erase(open);
    }

    void registerFile() {
        id = idOf(file);
        if (!id) return;
        const std::lock_guard lock(openFiles().mutex);
        ++openFiles().count[*id];
    }

    int waitForLock(int tries) {
        const auto now = Clock::now();
        if (tries == 0) waiting_since = now;
        if (stop.stop_requested() || now - waiting_since >= lock_timeout) return 0;
        std::this_thread::sleep_for(kLockPause);
        return 1;
    }
};

Database::Database(const std::filesystem::path& file, OpenOptions options)
    : connection_(std::make_unique<Connection>()) {
    connection_->file = file;
    connection_->lock_timeout = options.lock_timeout;
    connection_->stop = std::move(options.stop);
    const int access = options.mode == OpenMode::read_only
                           ? SQLITE_OPEN_READONLY
                           : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int result =
        sqlite3_open_v2(file.c_str(), &connection_->handle,
                        access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (result != SQLITE_OK) {
        const int error_number =
            connection_->handle == nullptr ? 0 : sqlite3_system_errno(connection_->handle);
        throw SqliteError(result, error_number, file.filename().string(),
                          std::string("cannot open: ") + sqlite3_errstr(result));
    }
    connection_->registerFile();
    const int handled = sqlite3_busy_handler(
        handle(),
        [](void* connection, int tries) {
            return static_cast<Connection*>(connection)->waitForLock(tries);
        },
        connection_.get());
    if (handled != SQLITE_OK) fail(handled);
}

Database::~Database() = default;

const std::filesystem::path& Database::file() const { return connection_->file; }

sqlite3* Database::handle() const { return connection_->handle; }

void Database::fail(int result) const {
    // Not sqlite3_system_errno(), which forgets the errno after some failures of the pager.
    const int error_number = errno;
    throw SqliteError(result, error_number, file().filename().string(), sqlite3_errmsg(handle()));
}

void Database::execute(const std::string& sql) {
    const int result = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) fail(result);
}

std::int64_t Database::integerOf(std::string_view sql) {
    Statement statement(*this, sql);
    statement.step();
    return statement.integer(0);
}

std::string Database::textOf(std::string_view sql) {
    Statement statement(*this, sql);
    statement.step();
    return statement.text(0);
}

bool Database::inTransaction() const { return sqlite3_get_autocommit(handle()) == 0; }

std::int64_t Database::changes() const { return sqlite3_changes64(handle()); }

void Database::useWriteAheadLog() {
    const std::string mode = textOf("PRAGMA journal_mode = WAL");
    if (mode == "wal") return;
    throw SqliteError(SQLITE_ERROR, 0, file().filename().string(),
                      "the file system of " + file().parent_path().string() +
                          " does not support write-ahead logging; use a local file system");
}

void Database::copyTo(const std::filesystem::path& target) {
    Statement copy(*this, "VACUUM INTO ?1");
    copy.bind(1, target.native()).run();
}

void Database::readAll(const std::function<void(std::string_view)>& block) {
    sqlite3_file* descriptor = nullptr;
    const int found =
        sqlite3_file_control(handle(), "main", SQLITE_FCNTL_FILE_POINTER, &descriptor);
    if (found != SQLITE_OK) fail(found);
    if (descriptor == nullptr || descriptor->pMethods == nullptr) return;  // nothing written yet
    sqlite3_int64 size = 0;
    if (const int result = descriptor->pMethods->xFileSize(descriptor, &size); result != SQLITE_OK)
        fail(result);
    std::vector<char> bytes(65536);
    for (sqlite3_int64 offset = 0; offset < size;) {
        const auto count = static_cast<int>(
            std::min<sqlite3_int64>(static_cast<sqlite3_int64>(bytes.size()), size - offset));
        const int result = descriptor->pMethods->xRead(descriptor, bytes.data(), count, offset);
        if (result != SQLITE_OK) {
            throw SqliteError(result, errno, file().filename().string(), sqlite3_errstr(result));
        }
        block({bytes.data(), static_cast<std::size_t>(count)});
        offset += count;
    }
}

bool isOpenInThisProcess(const std::filesystem::path& file) {
    const auto id = idOf(file);
    if (!id) return false;
    const std::lock_guard lock(openFiles().mutex);
    return openFiles().count.contains(*id);
}

}  // namespace sheafline::sqlite
