// Creates batches from orders: checks pipeline and params, commits the batch with its first event,
// and queues it when its upload is complete. Thread-safe.
#pragma once

#include <map>
#include <string>

#include "batches/batch_queue.h"
#include "batches/batch_title.h"
#include "batches/pipeline_shelf.h"
#include "owner/owner.h"
#include "pipeline/params/param_file.h"

namespace sheafline {

struct BatchOrder {
    std::string user{};
    std::string pipeline{};
    std::map<std::string, std::string> params{};  // of type `file`: the content of the file
    ParamFiles files{};                           // the same, with the names of the files
    std::string batch_id{};                       // empty: a new id is chosen
    BatchTitle title{};
};

struct CreatedBatch {
    std::string batch_id{};
    bool wants_upload = false;  // its state is `uploading` until uploaded()
};

class BatchIntake {
 public:
    BatchIntake(Owner& owner, PipelineShelf& pipelines, BatchQueue& queue)
        : owner_(owner), pipelines_(pipelines), queue_(queue) {}

    // Throws Error (NO_SUCH_PIPELINE, BATCH_EXISTS) and ConfigError for its params.
    void check(const BatchOrder& order) const;
    bool wantsUpload(const std::string& pipeline) const;
    CreatedBatch create(const BatchOrder& order);
    void uploaded(const std::string& batch_id, const std::string& user);
    std::filesystem::path archiveOf(const std::string& batch_id) const;

 private:
    Owner& owner_;
    PipelineShelf& pipelines_;
    BatchQueue& queue_;
};

}  // namespace sheafline
