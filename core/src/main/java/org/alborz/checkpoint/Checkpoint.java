package org.alborz.checkpoint;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.DType;

/**
 * A training run on disk, as one safetensors file.
 *
 * <p>Tensors {@code model.<parameter>} hold weights and states, {@code optimizer.<state>.<parameter>} the optimizer's; the metadata
 * hold where the run stands, what it was made with, and the caller's provenance. A resumed run goes on bit for bit.
 */
public final class Checkpoint {
    private static final String FORMAT = "alborz.format";
    private static final String FORMAT_VERSION = "1";
    private static final String MODEL = "model.";
    private static final String OPTIMIZER = "optimizer.";

    private Checkpoint() {}

    /**
     * Saves everything that going on needs; an earlier file of that name is replaced only once the new one is whole.
     *
     * @param provenance what the caller wants to know later: data, model name, settings
     * @throws CheckpointException when the disk refuses; the earlier file is untouched
     */
    public static void save(Path file, Trainer trainer, Map<String, String> provenance) {
        try (Scope views = trainer.model().session().scope("checkpoint")) {
            write(file, tensorsOf(trainer), metadataOf(trainer, provenance));
        }
    }

    private static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        try (SafetensorsWriter writer = SafetensorsWriter.create(
                file,
                metadata,
                tensors.entrySet().stream()
                        .map(e -> new SafetensorsEntry(
                                e.getKey(),
                                SafetensorsType.of(e.getValue().dtype()),
                                e.getValue().shape()))
                        .toList())) {
            for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
                if (entry.getValue().dtype() == DType.FLOAT64) {
                    writer.write(entry.getKey(), entry.getValue().toDoubles());
                } else {
                    writer.write(entry.getKey(), entry.getValue().toFloats());
                }
            }
            writer.commit();
        }
    }

    private static Map<String, Tensor> tensorsOf(Trainer trainer) {
        Model model = trainer.model();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        model.parameters().forEach((name, parameter) -> tensors.put(MODEL + name, parameter.value()));
        trainer.optimizer().state().forEach((state, flat) -> {
            for (Parameter parameter : model.trainable()) {
                tensors.put(OPTIMIZER + state + "." + parameter.name(), model.part(flat, parameter));
            }
        });
        return tensors;
    }

    private static Map<String, String> metadataOf(Trainer trainer, Map<String, String> provenance) {
        Map<String, String> metadata = new LinkedHashMap<>(provenance);
        metadata.put(FORMAT, FORMAT_VERSION);
        metadata.put("saved", Instant.now().toString());
        metadata.put("backend", trainer.model().session().backend().name());
        metadata.put("device", trainer.model().session().backend().device());
        metadata.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
        metadata.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        metadata.putAll(TrainerState.settings(trainer));
        metadata.putAll(TrainerState.progress(trainer));
        metadata.putAll(CallbackStates.of(trainer));
        return metadata;
    }

    /**
     * Brings a trainer, built as the saved one was, to where the saved one stood.
     *
     * @throws CheckpointException when the file is damaged, or the model, optimizer, schedule or seed is another; the trainer is then
     *     as it was
     */
    public static void resume(Path file, Trainer trainer) {
        try (SafetensorsFile saved = SafetensorsFile.open(file);
                Scope views = trainer.model().session().scope("checkpoint")) {
            requireFormat(saved);
            TrainerState state = TrainerState.read(file, saved.metadata());
            state.requireSame(trainer);
            Map<String, Tensor> tensors = tensorsOf(trainer);
            requireFitting(saved, tensors);
            CallbackStates.restore(file.toString(), saved.metadata(), trainer);
            for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
                read(saved, entry.getKey(), entry.getValue());
            }
            state.restore(trainer);
        }
    }

    /**
     * Loads a model's weights and states, and nothing else.
     *
     * @throws CheckpointException when the file is damaged or of another model; the model is then as it was
     */
    public static void loadWeights(Path file, Model model) {
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            requireFormat(saved);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            model.parameters().forEach((name, parameter) -> tensors.put(MODEL + name, parameter.value()));
            requireFitting(saved, tensors);
            tensors.forEach((name, tensor) -> read(saved, name, tensor));
        }
    }

    /** Returns what the file says about itself: the provenance, the settings and where the run stood. */
    public static Map<String, String> metadata(Path file) {
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            requireFormat(saved);
            return saved.metadata();
        }
    }

    private static void requireFormat(SafetensorsFile saved) {
        String version = saved.metadata().get(FORMAT);
        if (!FORMAT_VERSION.equals(version)) {
            throw new CheckpointException(
                    saved.path() + " is no Alborz checkpoint of format " + FORMAT_VERSION + ": its metadata "
                            + (version == null ? "name no format" : "name format " + version)
                            + "; use a file that 'train' wrote with this"
                            + " version");
        }
    }

    /** Checks every tensor before the first is read, so that a file of another model changes nothing. */
    private static void requireFitting(SafetensorsFile saved, Map<String, Tensor> tensors) {
        tensors.forEach((name, tensor) -> {
            SafetensorsEntry entry = saved.entry(name);
            if (entry.type() != SafetensorsType.of(tensor.dtype())
                    || !entry.shape().equals(tensor.shape())) {
                throw new CheckpointException(
                        saved.path() + ": expected tensor '" + name + "' as " + tensor.dtype() + " " + tensor.shape()
                                + ", got " + entry.type() + " " + entry.shape() + ". Was it saved from another model?");
            }
        });
    }

    private static void read(SafetensorsFile saved, String name, Tensor into) {
        int count = Math.toIntExact(into.shape().elements());
        if (into.dtype() == DType.FLOAT64) {
            double[] values = new double[count];
            saved.read(name, values);
            into.assignRowMajor(DoubleBuffer.wrap(values));
        } else {
            float[] values = new float[count];
            saved.read(name, values);
            into.assignRowMajor(FloatBuffer.wrap(values));
        }
    }
}
