package org.alborz.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the tensors of a safetensors file that were matched with others, all of them before the first is assigned. */
final class TensorInput {
    private static final Logger log = LoggerFactory.getLogger(TensorInput.class);

    /** A larger file is not read only to find the better message. */
    private static final long MOST_CHECKED_FOR_DAMAGE = 1L << 30;

    private final SafetensorsFile saved;
    private final List<HostValues> values = new ArrayList<>();

    private TensorInput(SafetensorsFile saved) {
        this.saved = saved;
    }

    /** Returns what is wrong with a file whose names or settings are not as expected: that, or that the file is damaged. */
    static CheckpointException damageOr(SafetensorsFile saved, CheckpointException e) {
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

    /**
     * Reads and checks everything that is to be assigned.
     *
     * @param targets by the names that the match knows them by
     * @param allowed what each may hold, by name; finite numbers where it is not there
     * @param sameTypes whether another floating type is refused, not converted
     */
    static TensorInput read(
            SafetensorsFile saved,
            TensorMatch match,
            Map<String, Tensor> targets,
            Map<String, FiniteNumbers> allowed,
            boolean sameTypes) {
        TensorInput input = new TensorInput(saved);
        Map<String, SafetensorsFile.Sink> sinks = new LinkedHashMap<>();
        Map<String, HostValues> read = new LinkedHashMap<>();
        match.names().forEach((name, stored) -> {
            SafetensorsEntry entry = saved.entry(stored);
            Tensor target = targets.get(name);
            if (sameTypes && entry.type() != SafetensorsType.of(target.dtype())) {
                throw otherType(saved, entry, target);
            }
            HostValues value = HostValues.of(entry, target, allowed.getOrDefault(name, FiniteNumbers.FINITE));
            read.put(name, value);
            sinks.put(stored, value);
        });
        Map<HostValues, HostValues> copies = new LinkedHashMap<>();
        match.copies().forEach((stored, name) -> {
            HostValues copy = HostValues.of(
                    saved.entry(stored), targets.get(name), allowed.getOrDefault(name, FiniteNumbers.FINITE));
            copies.put(copy, read.get(name));
            sinks.put(stored, copy);
        });
        input.values.addAll(read.values());
        input.sayConversions(match, targets);
        saved.readAll(sinks);
        if (!saved.hasDigest()) {
            log.info("{} has no digest, so damage to its numbers cannot be told.", saved.path());
        }
        input.values.forEach(value -> value.requireAssignable(saved.path().toString()));
        copies.forEach((copy, value) -> copy.requireSame(saved.path().toString(), value));
        return input;
    }

    private static CheckpointException otherType(SafetensorsFile saved, SafetensorsEntry entry, Tensor target) {
        // The data type of the run was compared before, so only state that is always of float32 can be of another type.
        boolean narrowState = entry.type().bytes() == Short.BYTES && target.dtype() == DType.FLOAT32;
        return new CheckpointException(saved.path() + ": expected tensor " + Quoted.text(entry.name()) + " as "
                + SafetensorsType.of(target.dtype()) + ", got " + entry.type()
                + (narrowState
                        ? ". The run is of a version that kept the state of 16-bit runs in 16 bits, and cannot go on; load its"
                                + " weights with Weights.load and start a new run"
                        : "; open the session with the data type it was saved with"));
    }

    private void sayConversions(TensorMatch match, Map<String, Tensor> targets) {
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

    /**
     * Overwrites the targets.
     *
     * @param undo run where that fails, for what else was changed already
     */
    void assign(Runnable undo) {
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
