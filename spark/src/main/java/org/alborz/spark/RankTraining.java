package org.alborz.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.checkpoint.BackupAndRestore;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.distributed.Collective;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.tensor.SessionBuilder;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * What a task does: joins the group, keeps its rows, trains, and brings back the weights if it is rank 0.
 *
 * @param rows how many all ranks have
 * @param directory for the state of the run, or null
 * @param keyStore for TLS, or null
 * @param readTimeout how long a rank waits for the others to read their rows
 * @param timeout how long it waits for them later
 */
record RankTraining(
        NetSource net,
        TrainerSource trainer,
        SampleColumns columns,
        ShardSampler sampler,
        long rows,
        String backend,
        long seed,
        int epochs,
        String directory,
        long everySteps,
        String keyStore,
        Duration readTimeout,
        Duration timeout)
        implements Serializable {
    private static final Logger log = LoggerFactory.getLogger(SparkTrainer.class);
    private static final String REFUSED = "refused: ";
    private static final String FAILED = "failed";

    /**
     * What came of it.
     *
     * @param weights a file of them, of rank 0; of other ranks empty
     * @param epochs the figures of those that this attempt finished
     * @param refusal why no attempt can succeed, or empty
     */
    record Result(int rank, byte[] weights, List<Map<String, Double>> epochs, String refusal) implements Serializable {}

    Result run(BarrierTaskContext task, Iterator<Tuple2<Long, Row>> part) throws IOException {
        Session session;
        try {
            BarrierRendezvous.requireUsable(keyStore);
            session = session(task);
        } catch (BackendUnavailableException | IllegalArgumentException e) {
            return refused(task, BarrierRendezvous.refuse(task, "cannot compute: " + e.getMessage(), readTimeout));
        }
        try (session) {
            Shard shard; // read before the ranks meet, which has a time-out of its own
            try {
                shard = Shard.read(part, Math.toIntExact(rows), sampler, columns, task.partitionId());
            } catch (IllegalArgumentException e) {
                if (task.stageAttemptNumber() > 0) {
                    throw e; // the first attempt took the same rows
                }
                return refused(
                        task, BarrierRendezvous.refuse(task, "cannot take its rows: " + e.getMessage(), readTimeout));
            }
            try (BarrierRendezvous rendezvous =
                    BarrierRendezvous.hold(task, session.backend().name(), keyStore, readTimeout)) {
                return rendezvous.refusal().isEmpty()
                        ? train(task, session, rendezvous, shard)
                        : refused(task, rendezvous);
            }
        }
    }

    private static Result refused(BarrierTaskContext task, BarrierRendezvous rendezvous) {
        return new Result(task.partitionId(), new byte[0], List.of(), rendezvous.refusal());
    }

    private Result train(BarrierTaskContext task, Session session, BarrierRendezvous rendezvous, Shard shard)
            throws IOException {
        log.info("{} trains in attempt {} of the stage", rendezvous.world(), task.stageAttemptNumber());
        Result result = null;
        Exception failure = null;
        try (Collective ranks = rendezvous.join(keyStore, timeout)) {
            try {
                result = train(session, ranks, shard);
            } catch (RuntimeException | IOException e) {
                ranks.abort(String.valueOf(e.getMessage()));
                failure = e;
            }
        }
        return agree(task, result, failure);
    }

    /**
     * Waits for all ranks to end, so that all fail where one does, and none tries again what was refused. After the first attempt nothing counts as
     * refused: that one took the same rows and settings, and ranks may differ because one saw an older checkpoint than the others.
     */
    private Result agree(BarrierTaskContext task, Result result, Exception failure) throws IOException {
        boolean refused = failure instanceof IllegalArgumentException && task.stageAttemptNumber() == 0;
        String own = failure == null ? "" : refused ? REFUSED + failure.getMessage() : FAILED;
        boolean failed = false;
        for (String outcome : outcomes(failure, () -> BarrierCall.allGather(task, own, timeout, "to end"))) {
            if (outcome.startsWith(REFUSED)) {
                return new Result(task.partitionId(), new byte[0], List.of(), outcome.substring(REFUSED.length()));
            }
            failed |= outcome.equals(FAILED);
        }
        rethrow(failure);
        if (failed) {
            throw new IllegalStateException("Another rank has failed");
        }
        return result;
    }

    /**
     * Returns what all ranks came to; where they do not come, throws this rank's failure, which may be the reason.
     *
     * @param failure of this rank, or null
     */
    static String[] outcomes(Exception failure, Supplier<String[]> gather) throws IOException {
        try {
            return gather.get();
        } catch (RuntimeException e) {
            if (failure != null) {
                failure.addSuppressed(e);
            }
            rethrow(failure);
            throw e;
        }
    }

    private static void rethrow(Exception failure) throws IOException {
        if (failure instanceof IOException io) {
            throw io;
        } else if (failure instanceof RuntimeException other) {
            throw other;
        }
    }

    /** Opens a session that computes with what Spark gave the task: its processors, and its GPU where it has one. */
    private Session session(BarrierTaskContext task) {
        SessionBuilder builder = Session.builder(backend).threads(task.cpus());
        ResourceInformation gpus = task.resourcesJMap().get("gpu");
        if (gpus != null && gpus.addresses().length > 0 && gpus.addresses()[0].matches("\\d{1,4}")) {
            builder.device(Integer.parseInt(gpus.addresses()[0]));
        }
        return builder.open();
    }

    private Result train(Session session, Collective ranks, Shard shard) throws IOException {
        DataLoader loader = DataLoader.of(shard.compared(ranks), sampler.batchSize())
                .sampler(sampler)
                .seed(seed)
                .build();
        try (Model model = Model.create(session, net.net(), seed)) {
            Trainer.Builder described = trainer.trainer(model).collective(ranks);
            if (directory != null) {
                // Kept until the driver has the weights: a rank may be lost after its last step.
                BackupAndRestore backup = new BackupAndRestore(Path.of(directory)).deleteCheckpoint(false);
                described.callback(everySteps > 0 ? backup.every(everySteps) : backup);
            }
            List<Map<String, Double>> figures = new ArrayList<>();
            for (EpochResult result : described.build().fit(loader, epochs)) {
                figures.add(new LinkedHashMap<>(result.figures()));
            }
            byte[] weights = ranks.rank() == 0 ? weights(model) : new byte[0];
            return new Result(ranks.rank(), weights, figures, "");
        }
    }

    private static byte[] weights(Model model) throws IOException {
        Path file = Files.createTempFile("alborz", ".safetensors");
        try {
            Weights.save(file, model);
            return Files.readAllBytes(file);
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
