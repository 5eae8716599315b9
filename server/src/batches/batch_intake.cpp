#include "batches/batch_intake.h"

#include <algorithm>
#include <utility>

#include <Poco/UUIDGenerator.h>

#include <sheafline/error.h>

#include "batch/batch_params.h"
#include "batch/batch_plan.h"
#include "batch/params/param_files.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

PipelineShelf::PipelinePtr existing(PipelineShelf& pipelines, const std::string& name) {
    auto pipeline = pipelines.find(name);
    if (pipeline) return pipeline;
    throw Error(ErrorClass::permanent, "NO_SUCH_PIPELINE", "there is no pipeline '" + name + "'");
}

// A text for a param of type `file` is the content of its file: a path of this machine never comes
// from outside.
ParamFiles filesGiven(const Pipeline& pipeline, const BatchOrder& order) {
    ParamFiles files = order.files;
    for (const ParamSpec& spec : pipeline.params) {
        const auto text = order.params.find(spec.name);
        if (spec.type != ParamType::file || text == order.params.end()) continue;
        if (text->second.empty() && !spec.required) continue;
        files[spec.name] = {.bytes = text->second};
    }
    return files;
}

// The params that a user may set: all except the uploaded file and those of operators.
ParamValues paramsOf(const Pipeline& pipeline, std::map<std::string, std::string> given,
                     const ParamFiles& files) {
    Pipeline open = pipeline;
    giveFiles(pipeline, given, files);
    if (uploadParam(pipeline) != nullptr)
        std::erase_if(open.params, [](const ParamSpec& param) { return param.name == "input"; });
    return resolveParams(open, given, pipeline.file.parent_path(), false);
}

}  // namespace

void BatchIntake::check(const BatchOrder& order) const {
    const auto pipeline = existing(pipelines_, order.pipeline);
    paramsOf(*pipeline, order.params, filesGiven(*pipeline, order));
}

bool BatchIntake::wantsUpload(const std::string& pipeline) const {
    return uploadParam(*existing(pipelines_, pipeline)) != nullptr;
}

CreatedBatch BatchIntake::create(const BatchOrder& order) {
    const auto pipeline = existing(pipelines_, order.pipeline);
    const ParamFiles files = filesGiven(*pipeline, order);
    ParamValues params = paramsOf(*pipeline, order.params, files);
    CreatedBatch created{.batch_id = order.batch_id,
                         .wants_upload = uploadParam(*pipeline) != nullptr};
    if (created.batch_id.empty())
        created.batch_id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    if (created.wants_upload) params["input"] = {.text = archiveOf(created.batch_id).string()};
    storeParamFiles(owner_.folder(), created.batch_id, files, FilesFrom::http);
    try {
        owner_.history().commit(
            {.batch_id = created.batch_id,
             .create = NewBatch{.pipeline = pipeline->name,
                                .pipeline_file = pipeline->file,
                                .pipeline_text = pipeline->text,
                                .params = storedParams(owner_.folder(), created.batch_id, params),
                                .user = order.user,
                                .state = created.wants_upload ? BatchState::uploading
                                                              : BatchState::queued,
                                .name = nameOf(order.title),
                                .file_name = order.title.file_name,
                                .labels = labelsJson(order.title.labels)},
             .plan = planOf(*pipeline, owner_.plugins()),
             .events = {{.stage = created.wants_upload ? "uploading" : "queued",
                         .message = "Batch created"}}});
    } catch (...) {
        forgetParamFiles(owner_.folder(), created.batch_id);
        throw;
    }
    if (!created.wants_upload) queue_.push(created.batch_id, order.user, "");
    return created;
}

void BatchIntake::uploaded(const std::string& batch_id, const std::string& user) {
    owner_.history().commit({.batch_id = batch_id,
                             .expected = Expected{.states = {BatchState::uploading}},
                             .state = BatchState::queued,
                             .events = {{.stage = "queued", .message = "Batch queued"}}});
    queue_.push(batch_id, user, "");
}

std::filesystem::path BatchIntake::archiveOf(const std::string& batch_id) const {
    return owner_.folder().batch(batch_id) / "archive.zip";
}

}  // namespace sheafline
