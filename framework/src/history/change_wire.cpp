// Every struct names its fields once, in fields(), for both directions.
#include "history/change_wire.h"

#include <type_traits>
#include <utility>

#include <sheafline/error.h>

#include "process/wire.h"

namespace sheafline {

namespace {

constexpr std::int64_t kBatchStateCount = static_cast<std::int64_t>(BatchState::cancelled) + 1;
constexpr std::int64_t kStageStateCount = static_cast<std::int64_t>(StageState::cancelled) + 1;
constexpr std::int64_t kSheetStates = static_cast<std::int64_t>(SheetState::discarded) + 1;
constexpr std::int64_t kSheetChoices = static_cast<std::int64_t>(SheetChoice::scores) + 1;

template <typename Archive>
void fields(Archive& a, EventError& x) {
    a(x.code, x.message, x.stage);
}
template <typename Archive>
void fields(Archive& a, EventDraft& x) {
    a(x.stage_id, x.stage, x.message, x.done, x.total, x.complete, x.attempt, x.eta_seconds,
      x.rate_per_second, x.error);
}
template <typename Archive>
void fields(Archive& a, NewStage& x) {
    a(x.stage_id, x.stage, x.plugin, x.plugin_version, x.weight, x.in_finally);
}
template <typename Archive>
void fields(Archive& a, ChangedStage& x) {
    a(x.stage_id, x.state, x.attempt, x.fingerprint, x.checkpoint, x.error, x.crashed);
}
template <typename Archive>
void fields(Archive& a, Reading& x) {
    a(x.values, x.flags, x.confidence, x.evidence, x.reason);
}
template <typename Archive>
void fields(Archive& a, Sheet& x) {
    a(x.number, x.file, x.page, x.path, x.state, x.attempt, x.reason, x.qr, x.group);
}
template <typename Archive>
void fields(Archive& a, ChangedSheet& x) {
    a(x.number, x.path, x.qr, x.group, x.state, x.reason, x.attempt_failed, x.reading, x.settled,
      x.row, x.by_hand);
}
template <typename Archive>
void fields(Archive& a, SkippedEntry& x) {
    a(x.file, x.reason);
}
template <typename Archive>
void fields(Archive& a, ArtifactRow& x) {
    a(x.name, x.size_bytes, x.sha256, x.held);
}
template <typename Archive>
void fields(Archive& a, Outcome& x) {
    a(x.state, x.error);
}
template <typename Archive>
void fields(Archive& a, NewBatch& x) {
    a(x.pipeline, x.pipeline_file, x.pipeline_text, x.params, x.user, x.state, x.name, x.file_name,
      x.labels);
}
template <typename Archive>
void fields(Archive& a, RerunStage& x) {
    a(x.stage_id, x.keeps_checkpoint, x.changes_only);
}
template <typename Archive>
void fields(Archive& a, NextExecution& x) {
    a(x.reruns, x.readings, x.codes);
}
template <typename Archive>
void fields(Archive& a, Change& x) {
    a(x.batch_id, x.create, x.next_execution, x.state, x.plan, x.stages, x.new_sheets,
      x.freeze_sheets, x.sheets, x.skipped, x.entries_total, x.columns, x.artifacts, x.outcome,
      x.remove, x.events);
}

class Encoder {
 public:
    template <typename... T>
    void operator()(T&... values) {
        (put(values), ...);
    }
    std::string bytes() const { return writer_.bytes(); }

 private:
    void put(std::string& value) { writer_.text(value); }
    void put(std::filesystem::path& value) { writer_.text(value.native()); }
    void put(double& value) { writer_.real(value); }
    void put(std::uint64_t& value) { writer_.u64(value); }
    template <typename T>
    void put(std::optional<T>& value) {
        writer_.flag(value.has_value());
        if (value) put(*value);
    }
    template <typename T>
    void put(std::vector<T>& values) {
        writer_.u64(values.size());
        for (T& value : values) put(value);
    }
    template <typename T>
    void put(T& value) {
        if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
            writer_.i64(static_cast<std::int64_t>(value));
        } else {
            fields(*this, value);
        }
    }

    WireWriter writer_;
};

class Decoder {
 public:
    explicit Decoder(std::string_view bytes) : reader_(bytes) {}

    template <typename... T>
    void operator()(T&... values) {
        (get(values), ...);
    }
    void requireEnd() const { reader_.requireEnd(); }

 private:
    // How many values an enum has; they count from 0.
    static std::int64_t valuesOf(BatchState) { return kBatchStateCount; }
    static std::int64_t valuesOf(StageState) { return kStageStateCount; }
    static std::int64_t valuesOf(SheetState) { return kSheetStates; }
    static std::int64_t valuesOf(SheetChoice) { return kSheetChoices; }

    void get(std::string& value) { value = reader_.text(); }
    void get(std::filesystem::path& value) { value = reader_.text(); }
    void get(double& value) { value = reader_.real(); }
    void get(std::uint64_t& value) { value = reader_.u64(); }
    template <typename T>
    void get(std::optional<T>& value) {
        if (reader_.flag()) get(value.emplace());
    }
    template <typename T>
    void get(std::vector<T>& values) {
        for (std::uint64_t left = reader_.u64(); left > 0; --left) get(values.emplace_back());
    }
    template <typename T>
    void get(T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            const std::int64_t number = reader_.i64();
            if (number != 0 && number != 1) WireReader::fail("a wrong flag");
            value = number == 1;
        } else if constexpr (std::is_enum_v<T>) {
            const std::int64_t number = reader_.i64();
            if (number < 0 || number >= valuesOf(value)) WireReader::fail("an unknown state");
            value = static_cast<T>(number);
        } else if constexpr (std::is_integral_v<T>) {
            const std::int64_t number = reader_.i64();
            if (!std::in_range<T>(number)) WireReader::fail("a number out of its range");
            value = static_cast<T>(number);
        } else {
            fields(*this, value);
        }
    }

    WireReader reader_;
};

}  // namespace

std::string encode(const Change& change) {
    Encoder encoder;
    Change copy = change;  // fields() serves both directions, so it takes a reference to a copy
    fields(encoder, copy);
    return encoder.bytes();
}

Change decodeChange(std::string_view bytes) {
    Change change;
    Decoder decoder(bytes);
    fields(decoder, change);
    decoder.requireEnd();
    return change;
}

}  // namespace sheafline
