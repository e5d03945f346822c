package org.alborz.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.optim.Lbfgs;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.type.Layout;

/**
 * A run of {@link Lbfgs} on disk, as one safetensors file: the model's weights and states, and the history with all that the next step needs. A
 * continued run takes the same steps bit for bit. {@link Weights#load(Path, Model)} reads the weights of such a file.
 */
public final class LbfgsCheckpoint {
    /** The numbers of the progress, one behind the other. */
    static final String KEY = "lbfgs";

    private static final String PREFIX = TensorMatch.TRAINER + "lbfgs.";
    private static final Pattern BLANK = Pattern.compile(" ");
    private static final int NUMBERS = 6;

    private LbfgsCheckpoint() {}

    /**
     * Saves the model and the history; an earlier file of that name is replaced only once the new one is whole.
     *
     * @param provenance what the caller will need later
     * @throws IllegalArgumentException when the provenance has a key that checkpoints use themselves
     * @throws CheckpointException when the disk refuses, or numbers are not finite; the earlier file is untouched
     */
    public static void save(Path file, Lbfgs lbfgs, Map<String, String> provenance) {
        RunSettings.requireNotReserved(provenance);
        Model model = lbfgs.model();
        try (Scope views = model.session().scope("checkpoint")) {
            Map<String, Tensor> tensors = tensors(model, lbfgs.state());
            TensorOutput.requireFinite(file, tensors, FiniteNumbers.ofStates(TensorMatch.MODEL, model));
            Map<String, String> metadata = new LinkedHashMap<>(provenance);
            metadata.putAll(Checkpoint.origin(model));
            metadata.putAll(RunSettings.of(lbfgs));
            metadata.put(KEY, text(lbfgs.progress()));
            metadata.putAll(FrozenParameters.of(model));
            TensorOutput.write(file, tensors, metadata);
        }
    }

    /**
     * Brings an L-BFGS and its model, built as the saved ones were, to where these stood, with the same parameters frozen. Another backend is
     * allowed and gives a warning, since results then differ in the last digits.
     *
     * @throws CheckpointException when the file is damaged or none that {@link #save} wrote, or the model, data type or settings are others; all
     *     is then as it was
     */
    public static void resume(Path file, Lbfgs lbfgs) {
        String name = file.toString();
        Model model = lbfgs.model();
        try (SafetensorsFile saved = SafetensorsFile.open(file);
                Scope scope = model.session().scope("checkpoint")) {
            Map<String, String> metadata = saved.metadata();
            Lbfgs.Progress progress;
            Set<String> frozen;
            Map<String, Tensor> state = new LinkedHashMap<>();
            Map<String, Tensor> targets;
            TensorMatch match;
            try {
                Checkpoint.requireResumable(saved);
                progress = progress(name, metadata);
                RunSettings.requireSame(name, metadata, lbfgs);
                frozen = FrozenParameters.read(name, metadata, model);
                requireChanges(saved, model, progress);
                for (String each : states(progress)) {
                    state.put(each, empty(model));
                }
                targets = tensors(model, state);
                match = TensorMatch.of(saved, Expected.of(targets));
                match.requireComplete(saved, "Build the model it was saved with, or start a new run");
            } catch (CheckpointException e) {
                throw TensorInput.damageOr(saved, e);
            }
            TensorInput.read(saved, match, targets, FiniteNumbers.ofStates(TensorMatch.MODEL, model), true)
                    .assign(() -> {});
            FrozenParameters.restore(name, model, frozen);
            lbfgs.restore(state, progress);
            RunSettings.warnOfOtherArithmetic(name, metadata, model);
        }
    }

    private static Tensor empty(Model model) {
        Tensor values = model.values();
        return model.session()
                .empty(values.dtype().accumulator(), Layout.rowMajor(values.shape()))
                .fill(0);
    }

    /** Returns the names of what {@link Lbfgs#state} has at some progress. */
    private static List<String> states(Lbfgs.Progress progress) {
        List<String> names = new ArrayList<>();
        if (progress.iterations() > 0) {
            names.addAll(List.of("direction", "gradient"));
        }
        for (int i = 0; i < progress.changes(); i++) {
            names.add("change" + i);
            names.add("gradient_change" + i);
        }
        return names;
    }

    private static Map<String, Tensor> tensors(Model model, Map<String, Tensor> state) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        model.parameters().forEach((name, parameter) -> tensors.put(TensorMatch.MODEL + name, parameter.value()));
        state.forEach((name, flat) -> {
            for (Parameter parameter : model.trainable()) {
                tensors.put(PREFIX + name + "." + parameter.name(), model.part(flat, parameter));
            }
        });
        return tensors;
    }

    private static String text(Lbfgs.Progress p) {
        return p.changes() + " " + p.length() + " " + p.scale() + " " + p.iterations() + " " + p.steps() + " "
                + p.evaluations();
    }

    private static Lbfgs.Progress progress(String file, Map<String, String> metadata) {
        String text = metadata.get(KEY);
        if (text == null) {
            throw new CheckpointException(file + " cannot be resumed by L-BFGS: its metadata lack '" + KEY
                    + "'; resume from a file that LbfgsCheckpoint.save wrote, or load its weights with Weights.load");
        }
        String[] parts = BLANK.split(text, -1);
        try {
            if (parts.length == NUMBERS) {
                return new Lbfgs.Progress(
                        Integer.parseInt(parts[0]),
                        Double.parseDouble(parts[1]),
                        Double.parseDouble(parts[2]),
                        Long.parseLong(parts[3]),
                        Long.parseLong(parts[4]),
                        Long.parseLong(parts[5]));
            }
        } catch (NumberFormatException e) {
            throw new CheckpointException(unreadable(file, text), e);
        }
        throw new CheckpointException(unreadable(file, text));
    }

    private static String unreadable(String file, String text) {
        return file + " cannot be resumed: expected " + NUMBERS + " numbers as '" + KEY + "' in its metadata, got "
                + Quoted.text(text);
    }

    /** Refuses a file that names more changes than it has, before memory is taken for them. */
    private static void requireChanges(SafetensorsFile saved, Model model, Lbfgs.Progress progress) {
        boolean negative = progress.changes() < 0 || progress.iterations() < 0 || progress.steps() < 0;
        String last = "gradient_change" + (progress.changes() - 1);
        boolean lacks = progress.changes() > 0
                && model.trainable().stream()
                        .anyMatch(parameter -> !saved.contains(PREFIX + last + "." + parameter.name()));
        boolean alone = progress.changes() > 0 && progress.iterations() == 0;
        if (negative || lacks || alone || progress.changes() > saved.entries().size()) {
            throw new CheckpointException(saved.path() + " cannot be resumed: its metadata name " + progress.changes()
                    + " changes in the history after " + progress.iterations()
                    + " iterations, and its tensors are not those of so many");
        }
    }
}
