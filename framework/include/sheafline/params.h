// Typed params: one line per param gives its reading, help, default, range, JSON Schema and docs.
// A plugin has a struct whose constructor reads every param once; the same constructor, run on a
// describing Params, makes the list of specs from which files are checked before anything runs.
//
//     struct Options {
//         std::filesystem::path archive;
//         std::uint64_t max_bytes;
//         explicit Options(Params& p)
//             : archive(p.path("archive", {.help = "ZIP of scanned sheets", .required = true})),
//               max_bytes(p.size("max_bytes", {.help = "most bytes to extract", .default_value =
//               "20GiB"})) {}
//     };
//
// The constructor only reads: in a describing run every value is the default, or empty where there
// is none. Values were checked against the specs when the pipeline was loaded; a value that is
// wrong after that check (an expression that is only known at run time) throws ConfigError.
// Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

enum class ParamType {
    path,       // text; a relative one starts at the folder of its pipeline file
    string,     // text
    integer,    // 64-bit signed, decimal
    number,     // double, finite
    boolean,    // true or false
    size,       // bytes: 512, 20KiB, 1.5GiB, 4MB
    duration,   // 250ms, 30s, 5m, 2h, 1d
    percent,    // 2% or 0.5 %, a share from 0 % to 100 %
    choice,     // one of `choices`
    list,       // a list of texts
    processor,  // the name of a processor plugin; its params are beside this one
    file,       // only of a pipeline: a file that is stored with the batch; stages receive its path
};

SHEAFLINE_API std::string_view toString(ParamType type);

enum class ParamScope { user, operator_only };  // whether it may be set over HTTP

// The description of one param. Limits are written as in a file ("1", "64KiB"); empty means no
// limit.
struct ParamSpec {
    std::string name{};                  // filled by the read
    ParamType type = ParamType::string;  // filled by the read
    std::string help{};
    bool required = false;
    std::optional<std::string> default_value{};
    std::string min{};
    std::string max{};
    std::string pattern{};  // PCRE2, for string
    std::vector<std::string> choices{};
    // Of a param of a pipeline: whether it may be set over HTTP. Of an option of a plugin:
    // operator_only for a list that is a program and its arguments, which are checked: neither the
    // program nor a script in its arguments may come from what a user sets.
    ParamScope scope = ParamScope::user;
};

// A value of a file after its expressions were evaluated: one text, or a list of texts.
struct ParamValue {
    std::string text{};
    std::vector<std::string> list{};
    bool is_list = false;

    bool operator==(const ParamValue&) const = default;
};

using ParamValues = std::map<std::string, ParamValue, std::less<>>;

struct ProcessorUse {
    std::string name;
    ParamValues params;  // those that the reading plugin did not read itself
};

class SHEAFLINE_API Params {
 public:
    explicit Params(ParamValues values, std::filesystem::path base = {});  // reads these values
    static Params describing();                                            // collects specs
    ~Params();
    Params(const Params&) = delete;
    Params& operator=(const Params&) = delete;

    std::filesystem::path path(std::string_view name, ParamSpec spec);
    std::string string(std::string_view name, ParamSpec spec);
    std::int64_t integer(std::string_view name, ParamSpec spec);
    double number(std::string_view name, ParamSpec spec);
    bool boolean(std::string_view name, ParamSpec spec);
    std::uint64_t size(std::string_view name, ParamSpec spec);
    std::chrono::milliseconds duration(std::string_view name, ParamSpec spec);
    double percent(std::string_view name, ParamSpec spec);  // 0.02 for 2 %
    std::string choice(std::string_view name, ParamSpec spec);
    std::vector<std::string> list(std::string_view name, ParamSpec spec);
    ProcessorUse processor(std::string_view name, ParamSpec spec);  // must be read last

    // Where relative paths start: the folder of the pipeline file; on another host, a folder with
    // only the files of the parcel.
    const std::filesystem::path& folder() const { return base_; }
    const std::vector<ParamSpec>& specs() const { return specs_; }
    // Throws ConfigError if a given value was not read.
    void requireAllRead() const;

 private:
    Params() : describing_(true) {}
    std::optional<std::string> read(std::string_view name, ParamType type, ParamSpec&& spec);

    bool describing_ = false;
    ParamValues values_;
    std::filesystem::path base_;
    std::vector<ParamSpec> specs_;
};

template <typename Options>
std::vector<ParamSpec> paramsOf() {
    Params params = Params::describing();
    static_cast<void>(Options(params));
    return params.specs();
}

}  // namespace sheafline
