package org.alborz.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.alborz.data.LoaderDescription;
import org.alborz.nn.Model;
import org.alborz.nn.Module;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training run on disk, as one safetensors file.
 *
 * <p>Tensors {@code model.<parameter>} hold weights and states, {@code optimizer.<state>.<parameter>} the optimizer's, and those below
 * {@code trainer} the sums of metrics, averaged weights and accumulated gradients; the metadata hold where the run stands, what it was made with, the caller's provenance, and a digest of all of it. A resumed run goes on bit for
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

    /** A larger file is not read only to find the better message. */
    private static final long MOST_CHECKED_FOR_DAMAGE = 1L << 30;

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
        try (Scope views = trainer.model().session().scope("checkpoint")) {
            Map<String, Tensor> tensors = tensorsOf(trainer);
            requireFinite(file, tensors, statesOf(trainer.model()));
            write(file, tensors, metadataOf(trainer, provenance));
        }
    }

    /** Tells whether {@link #save} would find only numbers that can be loaded again. */
    static boolean isFinite(Trainer trainer) {
        try (Scope views = trainer.model().session().scope("checkpoint")) {
            requireFinite(Path.of(""), tensorsOf(trainer), statesOf(trainer.model()));
            return true;
        } catch (CheckpointException e) {
            log.debug("Numbers are not finite", e);
            return false;
        }
    }

    private static void requireFinite(Path file, Map<String, Tensor> tensors, Set<String> states) {
        tensors.forEach((name, tensor) -> {
            if (!isFinite(tensor)) {
                double[] numbers = tensor.toDoubles();
                FiniteNumbers.require(
                        file + " was not written",
                        new SafetensorsEntry(name, SafetensorsType.of(tensor.dtype()), tensor.shape()),
                        numbers.length,
                        i -> numbers[i],
                        states.contains(name),
                        "the run has diverged; go on from an earlier checkpoint with a lower learning rate");
            }
        });
    }

    private static boolean isFinite(Tensor tensor) {
        // 0 · x is 0 for every finite x and NaN for the others.
        try (Scope check = tensor.session().scope("finite")) {
            return tensor.mul(0).sum().item() == 0;
        }
    }

    /** Returns the names, as in a file that Alborz wrote, of what the model keeps and does not learn. */
    private static Set<String> statesOf(Model model) {
        return model.parameters().entrySet().stream()
                .filter(entry -> !entry.getValue().isTrainable())
                .map(entry -> TensorMatch.MODEL + entry.getKey())
                .collect(Collectors.toSet());
    }

    private static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        List<SafetensorsEntry> entries = new ArrayList<>();
        tensors.forEach((name, tensor) ->
                entries.add(new SafetensorsEntry(name, SafetensorsType.of(tensor.dtype()), tensor.shape())));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, metadata, entries)) {
            tensors.forEach((name, tensor) -> write(writer, name, tensor));
            writer.commit();
        }
    }

    private static void write(SafetensorsWriter writer, String name, Tensor tensor) {
        if (tensor.dtype() == DType.FLOAT64) {
            writer.write(name, tensor.toDoubles());
        } else if (tensor.dtype() == DType.FLOAT32) {
            writer.write(name, tensor.toFloats());
        } else {
            SafetensorsEntry entry = new SafetensorsEntry(name, SafetensorsType.of(tensor.dtype()), tensor.shape());
            short[] bits = new short[entry.arrayLength(Short.BYTES)];
            tensor.read(ShortBuffer.wrap(bits));
            ByteBuffer bytes = ByteBuffer.allocate(bits.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asShortBuffer().put(bits);
            writer.write(name, bytes);
        }
    }

    private static Map<String, Tensor> tensorsOf(Trainer trainer) {
        Model model = trainer.model();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        valuesOf(model).forEach((name, value) -> tensors.put(TensorMatch.MODEL + name, value));
        trainer.optimizer().state().forEach((state, flat) -> {
            for (Parameter parameter : model.trainable()) {
                tensors.put(TensorMatch.OPTIMIZER + state + "." + parameter.name(), model.part(flat, parameter));
            }
        });
        trainer.parameterStates().forEach((state, flat) -> {
            for (Parameter parameter : model.trainable()) {
                tensors.put(TensorMatch.TRAINER + state + "." + parameter.name(), model.part(flat, parameter));
            }
        });
        trainer.sums().forEach((name, sum) -> tensors.put(TensorMatch.TRAINER + name, sum));
        return tensors;
    }

    private static Map<String, Tensor> valuesOf(Model model) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        model.parameters().forEach((name, parameter) -> values.put(name, parameter.value()));
        return values;
    }

    private static Map<String, String> metadataOf(Trainer trainer, Map<String, String> provenance) {
        Map<String, String> metadata = new LinkedHashMap<>(provenance);
        metadata.put(FORMAT, FORMAT_VERSION);
        metadata.put("saved", Instant.now().toString());
        metadata.put("device", trainer.model().session().backend().device());
        metadata.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
        metadata.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        metadata.putAll(RunSettings.of(trainer));
        metadata.putAll(TrainerState.of(trainer));
        metadata.putAll(FrozenParameters.of(trainer.model()));
        metadata.putAll(CallbackStates.of(trainer));
        return metadata;
    }

    /**
     * Brings a trainer, built as the saved one was, to where the saved one stood, with the same parameters frozen. {@link Trainer#fit} then takes the loader it was
     * trained on and no other. Another backend or precision is allowed and gives a warning, since results then differ in the last digits.
     *
     * @throws CheckpointException when the file is damaged or not of this format, or the model, data type, optimizer, schedule, objective,
     *     metrics, other settings of training, seed, loader or callbacks are others, or numbers are not finite as in {@link #save}; the trainer is then as it was
     */
    public static void resume(Path file, Trainer trainer) {
        String name = file.toString();
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
                match = TensorMatch.of(saved, shapesOf(targets));
                match.requireComplete(saved, "Build the model and optimizer it was saved from, or start a new run");
            } catch (CheckpointException e) {
                throw damageOr(saved, e);
            }
            List<HostValues> values = read(saved, match, targets, statesOf(trainer.model()), true);
            Runnable undo = CallbackStates.restore(name, metadata, trainer);
            assign(saved, values, undo);
            state.restore(trainer, loader);
            FrozenParameters.restore(name, trainer.model(), frozen);
            trainer.expectValidation(metadata.getOrDefault(RunSettings.VALIDATION, "nothing"));
            RunSettings.warnOfOtherArithmetic(name, metadata, trainer);
        }
    }

    /** Loads a model's weights and states, and nothing else, as {@link #loadWeights(Path, Model, Match)} with {@link Match#STRICT}. */
    public static void loadWeights(Path file, Model model) {
        loadWeights(file, model, Match.STRICT);
    }

    /**
     * Loads a model's weights and states, and nothing else, from a checkpoint or from another program's safetensors file whose tensors
     * are named as the model's parameters. Another floating type is converted.
     *
     * @throws CheckpointException when the file is damaged, its tensors do not fit the model as {@code match} asks, a number is NaN, or
     *     one of a learned parameter is infinite, while a state may be, such as a mask; the model is then as it was
     */
    public static void loadWeights(Path file, Model model, Match match) {
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            loadWeights(saved, model, match);
        }
    }

    /**
     * Loads the moving average of a model's weights, and its states, from a checkpoint of a run that kept one: what its validation was
     * measured with. Another floating type is converted.
     *
     * @throws CheckpointException as {@link #loadWeights(Path, Model)}, and when the run kept no average; the model is then as it was
     */
    public static void loadAveragedWeights(Path file, Model model) {
        try (SafetensorsFile saved = SafetensorsFile.open(file);
                Scope scope = model.session().scope("checkpoint")) {
            Map<String, Tensor> targets = valuesOf(model);
            TensorMatch tensors = TensorMatch.ofAverages(saved, statesOf(model), shapesOf(targets));
            if (!tensors.missing().isEmpty()) {
                throw damageOr(
                        saved,
                        new CheckpointException(file + " has no averaged weights of this model: it lacks "
                                + Quoted.list(tensors.missing())
                                + ". Load its weights with Checkpoint.loadWeights, or use a file of a trainer built with"
                                + " ema(decay) and the same model"));
            }
            assign(saved, read(saved, tensors, targets, statesOf(model), false), () -> {});
        }
    }

    static void loadWeights(SafetensorsFile saved, Model model, Match match) {
        try (Scope scope = model.session().scope("checkpoint")) {
            Map<String, Tensor> targets = valuesOf(model);
            TensorMatch tensors = matchWeights(saved, shapesOf(targets), match);
            assign(saved, read(saved, tensors, targets, statesOf(model), false), () -> {});
        }
    }

    /**
     * Makes a model with the weights of a file, after comparing their names and shapes; so a file of another model costs no memory.
     *
     * @throws CheckpointException as {@link #loadWeights(Path, Model)}
     */
    public static Model load(Path file, Session session, Module module) {
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            Map<String, Shape> shapes = new LinkedHashMap<>();
            Model.namesOf(module).forEach((name, parameter) -> shapes.put(name, parameter.shape()));
            matchWeights(saved, shapes, Match.STRICT);
        }
        Model model = Model.create(session, module, 0);
        boolean loaded = false;
        try {
            loadWeights(file, model);
            loaded = true;
            return model;
        } finally {
            if (!loaded) {
                model.close();
            }
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
    private static boolean isOurs(SafetensorsFile saved) {
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

    private static void requireResumable(SafetensorsFile saved) {
        if (!isOurs(saved) || FORMER_VERSIONS.contains(saved.metadata().get(FORMAT))) {
            throw new CheckpointException(saved.path() + " cannot be resumed: it is no Alborz checkpoint of format "
                    + FORMAT_VERSION + ", so it does not say how it was trained. Load its weights with"
                    + " Checkpoint.loadWeights and start a new run from them");
        }
    }

    private static TensorMatch matchWeights(SafetensorsFile saved, Map<String, Shape> wanted, Match match) {
        try {
            return fittingWeights(saved, wanted, match);
        } catch (CheckpointException e) {
            throw damageOr(saved, e);
        }
    }

    /** Finds out whether what a file says is not as expected because the file is damaged. */
    private static CheckpointException damageOr(SafetensorsFile saved, CheckpointException e) {
        if (!saved.hasDigest() || saved.dataBytes() > MOST_CHECKED_FOR_DAMAGE) {
            return e;
        }
        try {
            saved.readAll(Map.of());
            return e;
        } catch (CheckpointException damage) {
            damage.addSuppressed(e);
            return damage;
        }
    }

    private static TensorMatch fittingWeights(SafetensorsFile saved, Map<String, Shape> wanted, Match match) {
        TensorMatch tensors = TensorMatch.ofWeights(saved, isOurs(saved), wanted);
        if (match == Match.STRICT) {
            tensors.requireComplete(saved, "Build the model it was saved from, or load what fits with Match.PARTIAL");
        } else if (tensors.names().isEmpty()) {
            throw new CheckpointException(saved.path() + " has no tensor of this model; it has "
                    + Quoted.list(tensors.superfluous()) + ", and the model " + Quoted.list(tensors.missing()));
        }
        return tensors;
    }

    private static Map<String, Shape> shapesOf(Map<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, e -> e.getValue().shape(), (a, b) -> a, LinkedHashMap::new));
    }

    /** Reads and checks everything that is to be assigned. */
    private static List<HostValues> read(
            SafetensorsFile saved,
            TensorMatch match,
            Map<String, Tensor> targets,
            Set<String> states,
            boolean sameTypes) {
        Map<String, SafetensorsFile.Sink> sinks = new LinkedHashMap<>();
        List<HostValues> values = new ArrayList<>();
        match.names().forEach((name, stored) -> {
            SafetensorsEntry entry = saved.entry(stored);
            Tensor target = targets.get(name);
            if (sameTypes && entry.type() != SafetensorsType.of(target.dtype())) {
                throw otherType(saved, entry, target);
            }
            HostValues value =
                    new HostValues(entry, target, states.contains(name) || states.contains(TensorMatch.MODEL + name));
            values.add(value);
            sinks.put(stored, value);
        });
        sayConversions(saved, match, targets);
        saved.readAll(sinks);
        if (!saved.hasDigest()) {
            log.info("{} has no digest, so damage to its numbers cannot be told.", saved.path());
        }
        values.forEach(value -> value.requireAssignable(saved.path().toString()));
        return values;
    }

    private static CheckpointException otherType(SafetensorsFile saved, SafetensorsEntry entry, Tensor target) {
        // The data type of the run was compared before, so only state that is always of float32 can be of another type.
        boolean narrowState = entry.type().bytes() == Short.BYTES && target.dtype() == DType.FLOAT32;
        return new CheckpointException(saved.path() + ": expected tensor " + Quoted.text(entry.name()) + " as "
                + SafetensorsType.of(target.dtype()) + ", got " + entry.type()
                + (narrowState
                        ? ". The run is of a version that kept the state of 16-bit runs in 16 bits, and cannot go on; load its"
                                + " weights with Checkpoint.loadWeights and start a new run"
                        : "; open the session with the data type it was saved with"));
    }

    private static void sayConversions(SafetensorsFile saved, TensorMatch match, Map<String, Tensor> targets) {
        Set<String> conversions = new TreeSet<>();
        match.names().forEach((name, stored) -> {
            SafetensorsType type = saved.entry(stored).type();
            DType wanted = targets.get(name).dtype();
            if (type != SafetensorsType.of(wanted)) {
                conversions.add(type + " to " + wanted);
            }
        });
        if (!conversions.isEmpty()) {
            log.info("Weights of {} are converted: {}.", saved.path(), String.join(", ", conversions));
        }
    }

    private static void assign(SafetensorsFile saved, List<HostValues> values, Runnable undo) {
        int done = 0;
        try {
            for (HostValues value : values) {
                value.assign();
                done++;
            }
        } catch (RuntimeException e) {
            undo.run();
            if (done == 0) {
                throw e;
            }
            throw new CheckpointException(
                    saved.path() + " was loaded in part: the device failed after " + done + " of " + values.size()
                            + " tensors (" + e + "). Load it again, or close the model",
                    e);
        }
    }
}
