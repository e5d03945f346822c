package org.alborz.checkpoint;

import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.alborz.data.LoaderDescription;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training run on disk, as one safetensors file.
 *
 * <p>Tensors {@code model.<parameter>} hold weights and states, {@code optimizer.<state>.<parameter>} the optimizer's, and those below
 * {@code trainer} the sums of metrics, averaged weights, accumulated gradients and the callbacks' tensors; the metadata hold where the run stands, what it was made with, the caller's provenance, and a digest of all of it. A resumed run goes on bit for
 * bit.
 *
 * <p>Loading reads and checks the whole file before the first value is changed, so an exception leaves everything as it was. Only where
 * the device itself fails while it takes the values is a part changed, and the exception says so.
 */
public final class Checkpoint {
    private static final Logger log = LoggerFactory.getLogger(Checkpoint.class);

    private static final String FORMAT = "alborz.format";
    private static final String FORMAT_VERSION = "3";

    /** Had no digest. */
    private static final String FIRST_VERSION = "1";

    /** Lack settings: their weights can be loaded, and the run cannot be resumed. */
    private static final Set<String> FORMER_VERSIONS = Set.of(FIRST_VERSION, "2");

    private Checkpoint() {}

    /**
     * Saves everything that going on needs; an earlier file of that name is replaced only once the new one is whole.
     *
     * @param provenance what the caller will need later: data, model name, settings
     * @throws IllegalArgumentException when the provenance has a key that checkpoints use themselves
     * @throws CheckpointException when the disk refuses, the thread was interrupted, or there are numbers that could not be loaded
     *     again: NaN anywhere, or an infinite learned parameter or optimizer state; the earlier file is untouched
     */
    public static void save(Path file, Trainer trainer, Map<String, String> provenance) {
        RunSettings.requireNotReserved(provenance);
        if (trainer.worldSize() > 1 && trainer.accumulated() > 0) {
            throw new IllegalStateException(
                    "A group of ranks is saved after a whole step, and this is within one, after "
                            + trainer.accumulated() + " of " + trainer.accumulation()
                            + " batches; save in afterStep or afterEpoch of a callback");
        }
        try (Scope views = trainer.model().session().scope("checkpoint")) {
            Map<String, Tensor> tensors = tensorsOf(trainer);
            TensorOutput.requireFinite(file, tensors, allowed(trainer));
            TensorOutput.write(file, tensors, metadataOf(trainer, provenance));
        }
    }

    /** Tells whether {@link #save} would find only numbers that can be loaded again. */
    static boolean isFinite(Trainer trainer) {
        try (Scope views = trainer.model().session().scope("checkpoint")) {
            TensorOutput.requireFinite(Path.of(""), tensorsOf(trainer), allowed(trainer));
            return true;
        } catch (CheckpointException e) {
            log.debug("Numbers are not finite", e);
            return false;
        }
    }

    /** Returns the names, as in a file that Alborz wrote, of what the model keeps and does not learn. */
    private static Set<String> statesOf(Model model) {
        return model.parameters().entrySet().stream()
                .filter(entry -> !entry.getValue().isTrainable())
                .map(entry -> TensorMatch.MODEL + entry.getKey())
                .collect(Collectors.toSet());
    }

    /** Returns what the tensors of a run may hold, where that is more than finite numbers. */
    private static Map<String, FiniteNumbers> allowed(Trainer trainer) {
        Model model = trainer.model();
        Map<String, FiniteNumbers> allowed = FiniteNumbers.ofStates(TensorMatch.MODEL, model);
        CallbackStates.tensors(trainer).keySet().forEach(name -> allowed.put(name, FiniteNumbers.ANY));
        if (model.lossScaler() != null) {
            for (Parameter parameter : model.trainable()) {
                allowed.put(TensorMatch.TRAINER + Trainer.GRADIENT_SUM + "." + parameter.name(), FiniteNumbers.ANY);
            }
        }
        return allowed;
    }

    private static Map<String, Tensor> tensorsOf(Trainer trainer) {
        Model model = trainer.model();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        boolean swapped = trainer.trainedValues() != model.values();
        model.parameters()
                .forEach((name, parameter) -> tensors.put(
                        TensorMatch.MODEL + name,
                        swapped && parameter.isTrainable()
                                ? model.part(trainer.trainedValues(), parameter)
                                : parameter.value()));
        trainer.optimizer().state().forEach((state, flat) -> {
            for (Parameter parameter : model.trainable()) {
                tensors.put(TensorMatch.OPTIMIZER + state + "." + parameter.name(), model.part(flat, parameter));
            }
        });
        trainer.optimizer().parameterState().forEach((name, state) -> tensors.put(TensorMatch.OPTIMIZER + name, state));
        trainer.parameterStates().forEach((state, flat) -> {
            for (Parameter parameter : model.trainable()) {
                tensors.put(TensorMatch.TRAINER + state + "." + parameter.name(), model.part(flat, parameter));
            }
        });
        trainer.sums().forEach((name, sum) -> tensors.put(TensorMatch.TRAINER + name, sum));
        tensors.putAll(CallbackStates.tensors(trainer));
        return tensors;
    }

    /** Returns what every file of this format says: that it is one, and when and where it was saved. */
    static Map<String, String> origin(Model model) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(FORMAT, FORMAT_VERSION);
        metadata.put("saved", Instant.now().toString());
        metadata.put("device", model.session().backend().device());
        metadata.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
        metadata.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return metadata;
    }

    private static Map<String, String> metadataOf(Trainer trainer, Map<String, String> provenance) {
        Map<String, String> metadata = new LinkedHashMap<>(provenance);
        metadata.putAll(origin(trainer.model()));
        metadata.putAll(RunSettings.of(trainer));
        metadata.putAll(TrainerState.of(trainer));
        metadata.putAll(FrozenParameters.of(trainer.model()));
        metadata.putAll(CallbackStates.of(trainer));
        return metadata;
    }

    /**
     * Brings a trainer, built as the saved one was, to where the saved one stood, with the same parameters frozen. {@link
     * Trainer#fit} then takes the loader it was trained on and no other. Another backend or precision is allowed and gives a warning, since results then differ in the last digits.
     *
     * @throws CheckpointException when the file is damaged or not of this format, or the model, data type, optimizer, schedule, objective,
     *     metrics, other settings of training, seed, loader or callbacks are others, or numbers are not finite as in {@link #save}; the trainer is then as it was
     */
    public static void resume(Path file, Trainer trainer) {
        String name = file.toString();
        trainer.swapOutAverage();
        try (SafetensorsFile saved = SafetensorsFile.open(file);
                Scope views = trainer.model().session().scope("checkpoint")) {
            Map<String, String> metadata = saved.metadata();
            Map<String, Tensor> targets = tensorsOf(trainer);
            TrainerState state;
            Set<String> frozen;
            LoaderDescription loader;
            TensorMatch match;
            try {
                requireResumable(saved);
                RunSettings.requireSame(name, metadata, trainer);
                state = TrainerState.read(name, metadata, trainer);
                frozen = FrozenParameters.read(name, metadata, trainer.model());
                loader = RunSettings.loader(name, metadata, state);
                state.requireWithin(name, trainer, loader);
                match = TensorMatch.of(saved, Expected.of(targets));
                match.requireComplete(
                        saved, "Build the model, optimizer and callbacks it was saved with, or start a new run");
            } catch (CheckpointException e) {
                throw TensorInput.damageOr(saved, e);
            }
            TensorInput values = TensorInput.read(saved, match, targets, allowed(trainer), true);
            Runnable undo = CallbackStates.restore(name, metadata, trainer);
            values.assign(undo);
            state.restore(trainer, loader);
            FrozenParameters.restore(name, trainer.model(), frozen);
            trainer.expectValidation(metadata.getOrDefault(RunSettings.VALIDATION, "nothing"));
            RunSettings.warnOfOtherArithmetic(name, metadata, trainer.model());
        }
    }

    /**
     * Loads the moving average of a model's weights, and its states, from a checkpoint of a run that kept one: what its validation was
     * measured with. Another floating type is converted.
     *
     * @throws CheckpointException as {@link Weights#load(Path, Model)}, and when the run kept no average; the model is then as it was
     */
    public static void loadAveragedWeights(Path file, Model model) {
        try (SafetensorsFile saved = SafetensorsFile.open(file);
                Scope scope = model.session().scope("checkpoint")) {
            Map<String, Tensor> targets = Weights.valuesOf(model);
            TensorMatch tensors = TensorMatch.ofAverages(saved, statesOf(model), Expected.of(targets));
            if (!tensors.missing().isEmpty()) {
                throw TensorInput.damageOr(
                        saved,
                        new CheckpointException(file + " has no averaged weights of this model: it lacks "
                                + Quoted.list(tensors.missing())
                                + ". Load its weights with Weights.load, or use a file of a trainer built with"
                                + " ema(decay) and the same model"));
            }
            TensorInput.read(saved, tensors, targets, FiniteNumbers.ofStates("", model), false)
                    .assign(() -> {});
        }
    }

    /** Returns what the file says about itself: the provenance, the settings and where the run stood. Only its header is read. */
    public static Map<String, String> metadata(Path file) {
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            if (!isOurs(saved)) {
                throw new CheckpointException(
                        file + " is no Alborz checkpoint: its metadata name no format; use a file that 'train' wrote");
            }
            return saved.metadata();
        }
    }

    /** Tells a checkpoint from another program's file, and refuses one of a format to come. */
    static boolean isOurs(SafetensorsFile saved) {
        String version = saved.metadata().get(FORMAT);
        if (version != null && !version.equals(FORMAT_VERSION) && !FORMER_VERSIONS.contains(version)) {
            throw new CheckpointException(saved.path() + " is an Alborz checkpoint of format " + Quoted.text(version)
                    + ", and this version reads " + FIRST_VERSION + " to " + FORMAT_VERSION
                    + "; use the version that wrote it");
        }
        if (version != null && !version.equals(FIRST_VERSION) && !saved.hasDigest()) {
            throw new CheckpointException(saved.path() + " is damaged: its metadata lack the digest of its content. "
                    + SafetensorsFile.REMEDY);
        }
        return version != null;
    }

    static void requireResumable(SafetensorsFile saved) {
        if (!isOurs(saved) || FORMER_VERSIONS.contains(saved.metadata().get(FORMAT))) {
            throw new CheckpointException(saved.path() + " cannot be resumed: it is no Alborz checkpoint of format "
                    + FORMAT_VERSION + ", so it does not say how it was trained. Load its weights with"
                    + " Weights.load and start a new run from them");
        }
    }
}
