package org.alborz.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.Module;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves and loads a model's weights and states, without a trainer, as safetensors files.
 *
 * <p>What is loaded may be a file of weights, a {@link Checkpoint}, or another program's, such as one that PyTorch's {@code
 * safetensors.torch.save_file} wrote: layouts are the same, and {@link LoadOptions} say whose names are whose. Other floating types are
 * converted; a state of whole numbers or truth values has to be of its own type in the file. All of a file is read and checked before the first value is changed.
 */
public final class Weights {
    private static final Logger log = LoggerFactory.getLogger(Weights.class);

    private Weights() {}

    /**
     * Saves weights and states under their names in the model, each once; an earlier file of that name is replaced only once the new one
     * is whole.
     *
     * @throws CheckpointException when the disk refuses, the thread was interrupted, or there are numbers that could not be loaded
     *     again: NaN anywhere, or an infinite learned parameter; the earlier file is untouched
     */
    public static void save(Path file, Model model) {
        save(file, model, Map.of());
    }

    /**
     * Saves them likewise, with what is to be known about them in the file's metadata, where other programs find it.
     *
     * @param metadata such as the model's name; no keys that checkpoints use themselves
     * @throws IllegalArgumentException when it has such a key
     */
    public static void save(Path file, Model model, Map<String, String> metadata) {
        Given.value(file, "save", "a file");
        Map<String, Tensor> values = valuesOf(Given.value(model, "save", "a model"));
        RunSettings.requireNotReserved(Given.value(metadata, "save", "metadata"));
        model.session().check();
        TensorOutput.requireFinite(file, values, FiniteNumbers.ofStates("", model));
        TensorOutput.write(file, values, metadata);
    }

    /** Loads weights and states as {@link #load(Path, Model, LoadOptions)} with {@link LoadOptions#strict}. */
    public static LoadedWeights load(Path file, Model model) {
        return load(file, model, LoadOptions.strict());
    }

    /**
     * Loads weights and states; learned parameters and frozen ones alike.
     *
     * @return what was loaded and what was not
     * @throws CheckpointException when the file is damaged, its tensors do not fit the model as the options ask, a number is NaN, or one
     *     of a learned parameter is infinite, while a state may be, such as a mask; the model is then as it was
     */
    public static LoadedWeights load(Path file, Model model, LoadOptions options) {
        Given.value(model, "load", "a model").session().check();
        Given.value(options, "load", "options");
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            return load(saved, model, options);
        }
    }

    static LoadedWeights load(SafetensorsFile saved, Model model, LoadOptions options) {
        try (Scope scope = model.session().scope("weights")) {
            Map<String, Tensor> targets = valuesOf(model);
            TensorMatch match = match(saved, Wanted.of(model), options);
            TensorInput.read(saved, match, targets, FiniteNumbers.ofStates("", model), false)
                    .assign(() -> {});
            return report(saved, model, match);
        }
    }

    /**
     * Loads the mean of the weights and states of several files, each as {@link #load(Path, Model)}: for models that were trained apart from the same weights, such as by
     * teams that cannot share their data (McMahan et al. 2017), or at different times (Wortsman et al. 2022). Each file's values are converted to the
     * model's types, as {@code load} does, added up in double, and their mean is rounded: once in all where the model's types hold what the files do, and else twice, such as of float32 in
     * a model of bfloat16. What is no floating number, such as a count of batches, is that of the first file.
     *
     * @throws CheckpointException as {@link #load(Path, Model, LoadOptions)}, for any of the files; the model is then as it was
     */
    public static void average(Model model, Path... files) {
        Map<Path, Double> shares = new LinkedHashMap<>();
        for (Path file : Given.value(files, "average", "files")) {
            shares.merge(Given.value(file, "average", "a file"), 1.0, Double::sum);
        }
        average(model, shares);
    }

    /**
     * Loads their mean likewise, each with a weight of its own, as federated averaging does by the number of samples.
     *
     * @param shares a finite number above 0 for each file; their sum need not be 1. The first file is the map's first, so give a
     *     {@link LinkedHashMap} where the files' counts differ
     */
    public static void average(Model model, Map<Path, Double> shares) {
        Given.value(model, "average", "a model").session().check();
        if (Given.value(shares, "average", "the shares of files").isEmpty()) {
            throw new IllegalArgumentException("average expects at least 1 file, got none");
        }
        shares.forEach((file, share) -> Given.above0(Given.value(share, "average", "a share"), "average"));
        WeightMean.load(shares, model);
    }

    /**
     * Makes a model with the weights of a file, after comparing their names and shapes; so a file of another model costs no memory.
     *
     * @throws CheckpointException as {@link #load(Path, Model, LoadOptions)}
     */
    public static Model load(Path file, Session session, Module module) {
        Given.value(session, "load", "a session").check();
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            match(saved, Wanted.of(Model.namesOf(module)), LoadOptions.strict());
        }
        Model model = Model.create(session, module, 0);
        boolean loaded = false;
        try {
            load(file, model);
            loaded = true;
            return model;
        } finally {
            if (!loaded) {
                model.close();
            }
        }
    }

    private static TensorMatch match(SafetensorsFile saved, List<Wanted> wanted, LoadOptions options) {
        try {
            TensorMatch match = WeightMatch.of(saved, Checkpoint.isOurs(saved), wanted, options);
            if (!options.isPartial()) {
                match.requireComplete(
                        saved, "Build the model it was saved from, or say with LoadOptions what belongs to what");
            } else if (match.names().isEmpty()) {
                throw new CheckpointException(saved.path() + " has no tensor of this model; it has "
                        + Quoted.list(match.unexpected()) + ", and the model " + Quoted.list(match.missing()));
            }
            return match;
        } catch (CheckpointException e) {
            throw TensorInput.damageOr(saved, e);
        }
    }

    private static LoadedWeights report(SafetensorsFile saved, Model model, TensorMatch match) {
        List<String> missing = new ArrayList<>(model.parameters().keySet());
        missing.removeAll(match.names().keySet());
        List<String> skipped = new ArrayList<>(match.unexpected());
        skipped.addAll(match.skipped());
        if (!missing.isEmpty() || !skipped.isEmpty()) {
            log.info(
                    "{}: {} tensors were loaded; left as they were {}; skipped {}.",
                    saved.path(),
                    match.names().size(),
                    Quoted.list(missing),
                    Quoted.list(skipped));
        }
        return new LoadedWeights(List.copyOf(match.names().keySet()), missing, skipped);
    }

    static Map<String, Tensor> valuesOf(Model model) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        model.parameters().forEach((name, parameter) -> values.put(name, parameter.value()));
        return values;
    }
}
