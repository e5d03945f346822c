package org.alborz.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alborz.backend.Backend;
import org.alborz.data.LoaderDescription;
import org.alborz.nn.Architecture;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.optim.Lbfgs;
import org.alborz.optim.Optimizer;
import org.alborz.text.Quoted;
import org.alborz.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What shapes a run beside its data and weights, as metadata of a checkpoint; a run that goes on must have the same. */
final class RunSettings {
    static final String LOADER = "loader.";

    private static final Logger log = LoggerFactory.getLogger(RunSettings.class);
    private static final String OPTIMIZER = "optimizer";
    private static final String ARCHITECTURE = "architecture";
    private static final String SYNC_BATCH_NORM = "sync_batch_norm";

    /** What {@link Trainer#settings} has for it where ranks normalise by their own batches. */
    private static final String NOT_SYNCHRONISED = "none";

    private static final Set<String> RESERVED = Set.of(
            "saved",
            "backend",
            "precision",
            "device",
            "java",
            "os",
            "data_type",
            "model_precision",
            "loss_scale",
            "loss_scale_steps",
            "skipped_steps",
            OPTIMIZER,
            "schedule",
            "loss",
            "seed",
            "step",
            "epoch",
            "next_batch",
            "batches_done",
            "accumulated",
            "epoch_loss_sum",
            "epoch_weight_sum",
            "epoch_samples",
            "metrics",
            "gradient_clipping",
            "gradient_accumulation",
            "ema_decay",
            SYNC_BATCH_NORM,
            FrozenParameters.KEY,
            LbfgsCheckpoint.KEY,
            "validation");
    private static final List<String> RESERVED_BEGINNINGS = List.of("alborz.", LOADER, CallbackStates.PREFIX);
    static final String VALIDATION = "validation";
    private static final String MODEL_PRECISION = "model_precision";
    private static final String BACKEND = "backend";
    private static final String PRECISION = "precision";

    private static final int MOST_SHOWN = 200;

    /** A longer description is known by its hash. */
    private static final int MOST_ARCHITECTURE = 200_000;

    private RunSettings() {}

    /** Refuses keys of the caller's own that a checkpoint's would hide. */
    static void requireNotReserved(Map<String, String> provenance) {
        for (String key : provenance.keySet()) {
            if (isReserved(key)) {
                throw new IllegalArgumentException("The provenance cannot have the key " + Quoted.text(key)
                        + ", which checkpoints use themselves; choose another name");
            }
        }
    }

    static boolean isReserved(String key) {
        return RESERVED.contains(key) || RESERVED_BEGINNINGS.stream().anyMatch(key::startsWith);
    }

    static Map<String, String> of(Trainer trainer) {
        Map<String, String> settings = new LinkedHashMap<>(compared(trainer));
        settings.putAll(arithmetic(trainer.model()));
        LoaderDescription loader = trainer.loaderDescription();
        if (loader != null) {
            loader.settings().forEach((name, value) -> settings.put(LOADER + name, value));
        }
        settings.put(VALIDATION, trainer.validationDescription());
        return settings;
    }

    private static Map<String, String> compared(Trainer trainer) {
        Optimizer optimizer = trainer.optimizer();
        Map<String, String> settings = types(trainer.model());
        settings.put(
                OPTIMIZER,
                optimizer.name() + " learning_rate=" + optimizer.learningRate() + " " + optimizer.settings());
        settings.put("schedule", trainer.schedule().settings());
        settings.put("loss", trainer.objective().settings());
        settings.putAll(trainer.settings());
        settings.put(ARCHITECTURE, architecture(trainer.model()));
        settings.put("seed", Long.toString(trainer.seed()));
        return settings;
    }

    private static Map<String, String> types(Model model) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data_type", model.session().dtype().toString());
        settings.put(MODEL_PRECISION, model.precision().toString());
        return settings;
    }

    static Map<String, String> of(Lbfgs lbfgs) {
        Map<String, String> settings = new LinkedHashMap<>(compared(lbfgs));
        settings.putAll(arithmetic(lbfgs.model()));
        return settings;
    }

    private static Map<String, String> compared(Lbfgs lbfgs) {
        Map<String, String> settings = types(lbfgs.model());
        settings.put(OPTIMIZER, "lbfgs " + lbfgs.settings());
        settings.put(ARCHITECTURE, architecture(lbfgs.model()));
        return settings;
    }

    /** What changes the last digits only: going on elsewhere is allowed, and said. */
    private static Map<String, String> arithmetic(Model model) {
        Backend backend = model.session().backend();
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(BACKEND, backend.name());
        settings.put(PRECISION, backend.precision());
        return settings;
    }

    /**
     * Refuses a trainer with other settings, naming all that differ.
     *
     * @throws CheckpointException likewise when the file lacks one
     */
    static void requireSame(String file, Map<String, String> metadata, Trainer trainer) {
        requireSame(file, metadata, trainer.model(), compared(trainer));
    }

    /** Refuses an L-BFGS with other settings, likewise. */
    static void requireSame(String file, Map<String, String> metadata, Lbfgs lbfgs) {
        requireSame(file, metadata, lbfgs.model(), compared(lbfgs));
    }

    private static void requireSame(
            String file, Map<String, String> metadata, Model model, Map<String, String> compared) {
        StringBuilder differences = new StringBuilder();
        arithmetic(model).keySet().forEach(name -> saved(file, metadata, name));
        compared.forEach((name, current) -> {
            String saved = saved(file, metadata, name);
            if (!current.equals(saved)) {
                differences
                        .append(differences.isEmpty() ? "" : "; ")
                        .append(name)
                        .append(' ')
                        .append(shown(saved, current))
                        .append(" against ")
                        .append(shown(current, saved));
            }
        });
        if (!differences.isEmpty()) {
            throw new CheckpointException(file + " was saved by a run with other settings than this one has: "
                    + differences + ". Use the same to go on, or start a new run");
        }
    }

    private static String saved(String file, Map<String, String> metadata, String name) {
        String saved = metadata.get(name);
        // A file from before there was another has none.
        if (saved == null && name.equals(MODEL_PRECISION)) {
            return Precision.full().toString();
        }
        if (saved == null && name.equals(SYNC_BATCH_NORM)) {
            return NOT_SYNCHRONISED;
        }
        if (saved == null) {
            throw new CheckpointException(file + " cannot be resumed: its metadata lack '" + name
                    + "'; resume from a file that Checkpoint.save or ModelCheckpoint wrote");
        }
        return saved;
    }

    /** Returns the part of a text that is worth showing: of several lines, the first that another has not. */
    private static String shown(String text, String other) {
        List<String> others = other.lines().toList();
        return Quoted.text(
                text.lines().filter(line -> !others.contains(line)).findFirst().orElse(text), MOST_SHOWN);
    }

    private static String architecture(Model model) {
        String lines = String.join("\n", Architecture.of(model.module()));
        return lines.length() <= MOST_ARCHITECTURE ? lines : "hash " + lines.hashCode() + " of " + lines.length();
    }

    /** Says where the run will differ in the last digits from what it would have become. */
    static void warnOfOtherArithmetic(String file, Map<String, String> metadata, Model model) {
        arithmetic(model).forEach((name, current) -> {
            String saved = metadata.get(name);
            if (!current.equals(saved)) {
                log.warn(
                        "{} was saved with {} {}, and continues with {}: the results will not be the same bits.",
                        file,
                        name,
                        Quoted.text(saved),
                        Quoted.text(current));
            }
        });
    }

    /** Returns the loader that the run was trained on last, or null where it was trained on none. */
    static LoaderDescription loader(String file, Map<String, String> metadata, TrainerState state) {
        Map<String, String> settings = new LinkedHashMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(LOADER)) {
                settings.put(key.substring(LOADER.length()), value);
            }
        });
        if (settings.isEmpty() && (state.epoch() > 0 || state.nextBatch() > 0)) {
            throw new CheckpointException(file + " cannot be resumed: its metadata lack the loader it was trained on");
        }
        return settings.isEmpty() ? null : new LoaderDescription(settings);
    }
}
