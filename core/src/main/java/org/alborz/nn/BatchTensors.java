package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * The tensors of one batch by name: first the fields of the data, in their order, then what an objective adds, such as {@link #OUTPUT}.
 *
 * <p>What is added belongs to the scope it was computed in and can be read until that is closed.
 */
public final class BatchTensors {
    /**
     * The name of the model's output, which metrics and predictions read: float32 or wider, but of a language model in mixed precision of 16 bits while it is trained
     * and evaluated.
     */
    public static final String OUTPUT = "output";

    /** The name of what metrics compare the output with; where the data have two fields, the second one unless there is another of this name. */
    public static final String TARGET = "target";

    /** The name of the loss; training adds it itself. */
    public static final String LOSS = "loss";

    /**
     * The name of the number of terms that the loss is the mean of, a scalar, where that is not the number of samples: tokens without
     * padding, for instance. Means over batches are weighted by it.
     */
    public static final String WEIGHT = "weight";

    private final int size;
    private final List<String> names = new ArrayList<>(4);
    private final List<Tensor> tensors = new ArrayList<>(4);
    private int fields;

    /** Makes a batch of {@code size} samples without any tensors. */
    public BatchTensors(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("A batch expects at least 0 samples, got " + size);
        }
        this.size = size;
    }

    /** Adds a field of the data, after those added before. */
    public BatchTensors field(String name, Tensor tensor) {
        if (fields < names.size()) {
            throw new IllegalStateException("Fields of a batch come before results; '" + name + "' came after "
                    + Quoted.text(names.get(fields)));
        }
        add(name, tensor);
        fields++;
        return this;
    }

    /**
     * Adds a result, or replaces the one of that name.
     *
     * @throws IllegalArgumentException when the data have a field of that name, or the tensor is null
     */
    public void put(String name, Tensor tensor) {
        int at = names.indexOf(name);
        if (at >= 0 && at < fields) {
            throw new IllegalArgumentException(
                    "The data have a field '" + name + "'; put the result under another name");
        }
        if (at >= 0) {
            tensors.set(at, Given.value(tensor, "A batch", "a tensor for '" + name + "'"));
        } else {
            add(name, tensor);
        }
    }

    private void add(String name, Tensor tensor) {
        names.add(Given.value(name, "A batch", "a name for a tensor"));
        tensors.add(Given.value(tensor, "A batch", "a tensor for '" + name + "'"));
    }

    /** Forgets the results and keeps the fields. */
    public void dropResults() {
        for (int i = names.size() - 1; i >= fields; i--) {
            names.remove(i);
            tensors.remove(i);
        }
    }

    /**
     * Returns the tensor of a name.
     *
     * @throws IllegalArgumentException when there is none; it lists those there are
     */
    public Tensor get(String name) {
        int at = names.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException("The batch has no tensor " + Quoted.text(name) + "; it has "
                    + Quoted.all(names) + ". A result is there once the objective has put it, as in batch.put(\""
                    + OUTPUT
                    + "\", logits)");
        }
        return tensors.get(at);
    }

    /** Returns the tensor of a field, counted from 0 in the order in which the data declare them. */
    public Tensor get(int field) {
        if (field < 0 || field >= fields) {
            throw new IllegalArgumentException(
                    "The batch has no field " + field + "; its fields are " + Quoted.list(names.subList(0, fields)));
        }
        return tensors.get(field);
    }

    /** Tells whether there is a tensor of a name. */
    public boolean has(String name) {
        return names.contains(name);
    }

    /** Returns the number of samples. */
    public int size() {
        return size;
    }

    /** Returns the number of fields of the data. */
    public int fields() {
        return fields;
    }

    /** Returns the names of the fields and then of the results. */
    public List<String> names() {
        return List.copyOf(names);
    }
}
