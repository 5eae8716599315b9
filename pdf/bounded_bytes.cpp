#include "bounded_bytes.h"

#include <new>
#include <qpdf/Pipeline.hh>
#include <qpdf/Pl_Flate.hh>
#include <stdexcept>
#include <utility>

namespace sheafline::pdf {

namespace {

class BoundedPipeline : public Pipeline {
 public:
    explicit BoundedPipeline(std::uint64_t most) : Pipeline("bounded", nullptr), most_(most) {}

    void write(const unsigned char* data, std::size_t length) override {
        if (bytes_.size() + length > most_) {
            full_ = true;
            throw std::runtime_error("too many bytes");
        }
        bytes_.append(reinterpret_cast<const char*>(data), length);
    }
    void finish() override {}

    bool full() const { return full_; }
    std::string take() { return std::move(bytes_); }

 private:
    const std::uint64_t most_;
    std::string bytes_{};
    bool full_ = false;
};

}  // namespace

std::optional<std::string> boundedBytes(QPDFObjectHandle stream, Filters filters,
                                        std::uint64_t most) {
    BoundedPipeline target(most);
    bool filtered = false;
    const auto level = filters == Filters::all ? qpdf_dl_specialized : qpdf_dl_none;
    bool whole = false;
    try {
        whole = stream.pipeStreamData(&target, &filtered, 0, level, true, false);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        return std::nullopt;
    }
    if (!whole || target.full() || (filters == Filters::all && !filtered)) return std::nullopt;
    return target.take();
}

std::optional<std::string> inflated(const std::string& bytes, std::uint64_t most) {
    BoundedPipeline target(most);
    try {
        Pl_Flate inflate("inflate", &target, Pl_Flate::a_inflate);
        inflate.write(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
        inflate.finish();
    } catch (const std::exception&) {
        return std::nullopt;
    }
    return target.take();
}

}  // namespace sheafline::pdf
