package org.alborz.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves {@code last.safetensors} after each epoch, and {@code best.safetensors} when the accuracy, of the validation where there is
 * one, is the best so far. An epoch whose losses or weights are no finite numbers is not saved.
 */
public final class ModelCheckpoint implements Callback {
    /** The file to resume from. */
    public static final String LAST = "last.safetensors";

    /** The file to evaluate and predict with. */
    public static final String BEST = "best.safetensors";

    private static final Logger log = LoggerFactory.getLogger(ModelCheckpoint.class);

    private final Path directory;
    private final Map<String, String> provenance;

    /** Saves into a directory, which is made where it is missing. */
    public ModelCheckpoint(Path directory, Map<String, String> provenance) {
        this.directory = directory;
        this.provenance = Map.copyOf(provenance);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new CheckpointException(
                    "The directory " + directory + " for checkpoints cannot be made: " + e
                            + "; name another or mend its permissions",
                    e);
        }
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        if (!result.isFinite() || !trainer.model().isFinite()) {
            log.warn(
                    "Epoch {} left losses or weights that are no numbers; the checkpoints in {} stay as they were.",
                    result.epoch(),
                    directory);
            return;
        }
        double accuracy = result.validation() == null
                ? result.accuracy()
                : result.validation().accuracy();
        boolean better = accuracy > trainer.best();
        if (better) {
            trainer.best(accuracy);
        }
        Map<String, String> described = new LinkedHashMap<>(provenance);
        described.put("accuracy", Double.toString(accuracy));
        if (better) {
            Checkpoint.save(directory.resolve(BEST), trainer, described);
        }
        Checkpoint.save(directory.resolve(LAST), trainer, described);
    }
}
