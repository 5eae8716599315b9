#include "worker/order_at_work.h"

#include <fstream>
#include <system_error>
#include <utility>

namespace sheafline {

using Clock = std::chrono::steady_clock;

OrderAtWork::OrderAtWork(work::WorkOrder order, std::filesystem::path folder)
    : order_(std::move(order)), folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    for (const ParcelFile& file : order_.parcel.files) {
        const auto path = folder_ / file.name;  // reading the order checked that the name is safe
        std::filesystem::create_directories(path.parent_path());
        std::ofstream out(path, std::ios::binary);
        out.exceptions(std::ios::failbit | std::ios::badbit);
        out << file.bytes;
        out.close();
    }
}

OrderAtWork::~OrderAtWork() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void OrderAtWork::reject(const std::string& why, std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    rejection_ = why;
    rejected_until_ = Clock::now() + time;
}

std::string OrderAtWork::rejection() const {
    const std::lock_guard lock(mutex_);
    return Clock::now() < rejected_until_ ? rejection_ : std::string();
}

}  // namespace sheafline
