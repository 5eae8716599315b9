#include "power_cut.h"

#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>

namespace sheafline::faults {

namespace {

constexpr std::size_t kSector = 512;

// Kinds of disk, so that each of the typical accidents occurs often.
enum class Loses { all_data, some_data, names_only, data_only, count };

struct Write {
    bool resizes = false;
    std::uint64_t offset = 0;  // or the new size
    std::string data{};
};

struct File {
    std::string durable{};
    std::vector<Write> pending{};
};

void put(std::string& bytes, std::uint64_t offset, std::string_view data) {
    if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size());
    bytes.replace(offset, data.size(), data);
}

void apply(std::string& bytes, const Write& write) {
    write.resizes ? bytes.resize(write.offset) : put(bytes, write.offset, write.data);
}

}  // namespace

class PowerCut::Disk {
 public:
    explicit Disk(std::uint64_t seed)
        : random_(seed),
          loses_(static_cast<Loses>(seed % static_cast<std::uint64_t>(Loses::count))) {}

    void take(const Record& record) {
        const auto file = files_.find(record.inode);
        const bool known = file != files_.end();
        switch (record.op) {
            case shim::Op::create:
                return create(record);
            case shim::Op::write:
            case shim::Op::resize:
                if (known)
                    file->second->pending.push_back({.resizes = record.op == shim::Op::resize,
                                                     .offset = record.offset,
                                                     .data = record.data});
                return;
            case shim::Op::sync:
                if (known) sync(*file->second);
                return;
            case shim::Op::entries:
                // A journal keeps the order: earlier changes in other folders are there too.
                for (const Naming& naming : pending_) apply(durable_, naming);
                pending_.clear();
                return;
            case shim::Op::shown:
                return;
            default:
                name({.op = record.op, .path = record.path, .other = record.other});
        }
    }

    void write() {
        const std::size_t kept = keptNames();
        for (std::size_t i = 0; i < kept; ++i) apply(durable_, pending_[i]);
        for (const auto& [path, file] : durable_) {
            const std::filesystem::path place = path;
            std::filesystem::create_directories(file ? place.parent_path() : place);
            if (file) std::ofstream(place, std::ios::binary) << surviving(*file);
        }
    }

 private:
    using Names = std::map<std::string, std::shared_ptr<File>>;  // a folder has no file

    // One change of the names in a folder.
    struct Naming {
        shim::Op op{};
        std::string path{};
        std::string other{};
        std::shared_ptr<File> file{};
    };

    void name(Naming naming) {
        apply(live_, naming);
        pending_.push_back(std::move(naming));
    }

    void create(const Record& record) {
        if (const auto known = live_.find(record.path); known != live_.end()) {
            if (record.offset == 1) known->second->pending.push_back({.resizes = true});
            return;
        }
        auto file = std::make_shared<File>();
        files_[record.inode] = file;
        name({.op = record.op, .path = record.path, .file = std::move(file)});
    }

    static void apply(Names& names, const Naming& naming) {
        if (naming.op == shim::Op::create || naming.op == shim::Op::folder) {
            names[naming.path] = naming.file;
            return;
        }
        const auto from = names.find(naming.path);
        if (from == names.end()) return;
        if (naming.op != shim::Op::remove) names[naming.other] = from->second;
        if (naming.op != shim::Op::link) names.erase(naming.path);
    }

    static void sync(File& file) {
        for (const Write& write : file.pending) sheafline::faults::apply(file.durable, write);
        file.pending.clear();
    }

    std::size_t keptNames() {
        if (loses_ == Loses::data_only) return pending_.size();
        if (loses_ == Loses::all_data || pending_.empty()) return 0;
        return random_() % (pending_.size() + 1);
    }

    std::string surviving(const File& file) {
        std::string bytes = file.durable;
        for (const Write& write : file.pending) {
            const auto dice = random_() % 3;
            if (loses_ == Loses::names_only || (loses_ == Loses::some_data && dice == 0)) {
                sheafline::faults::apply(bytes, write);
            } else if (loses_ == Loses::some_data && dice == 1 && !write.resizes) {
                tear(bytes, write);
            }
        }
        return bytes;
    }

    void tear(std::string& bytes, const Write& write) {
        for (std::size_t at = 0; at < write.data.size();) {
            const std::size_t end =
                std::min(write.data.size(), at + kSector - (write.offset + at) % kSector);
            if (random_() % 2 == 0)
                put(bytes, write.offset + at, std::string_view(write.data).substr(at, end - at));
            at = end;
        }
    }

    std::mt19937_64 random_;
    const Loses loses_;
    std::map<std::uint64_t, std::shared_ptr<File>> files_{};  // by inode, at this moment
    Names live_{};                                            // as the program sees them
    Names durable_{};
    std::vector<Naming> pending_{};
};

PowerCut::PowerCut(const std::filesystem::path& log, std::filesystem::path root)
    : root_(std::move(root)) {
    std::ifstream in(log, std::ios::binary);
    shim::Header header;
    const auto text = [&](std::uint64_t size) {
        std::string bytes(size, '\0');
        if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
            throw std::runtime_error("the recording is cut short");
        return bytes;
    };
    while (in.read(reinterpret_cast<char*>(&header), sizeof header)) {
        Record& record = records_.emplace_back();
        record.op = header.op;
        record.inode = header.inode;
        record.offset = header.offset;
        record.path = text(header.path_bytes);
        record.other = text(header.other_bytes);
        record.data = text(header.data_bytes);
    }
}

std::string PowerCut::shownBefore(std::size_t moment) const {
    std::string shown;
    for (std::size_t i = 0; i < moment; ++i) {
        if (records_[i].op == shim::Op::shown) shown += records_[i].data;
    }
    return shown;
}

void PowerCut::build(std::size_t moment, std::uint64_t seed) const {
    std::filesystem::remove_all(root_);
    Disk disk(seed);
    for (std::size_t i = 0; i < moment; ++i) disk.take(records_[i]);
    std::filesystem::create_directories(root_);
    disk.write();
}

}  // namespace sheafline::faults
