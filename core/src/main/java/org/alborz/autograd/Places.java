package org.alborz.autograd;

import java.util.List;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.Layout;

/** The check of the tensors that gradients are copied to. */
final class Places {
    private Places() {}

    /** Refuses a place that does not fit its watched tensor, that cannot be written to, or that shares memory with one before it. */
    static void require(Session session, List<Tensor> watched, List<Tensor> places) {
        long end = 0;
        for (int i = 0; i < places.size(); i++) {
            Tensor place = places.get(i);
            if (place == null) {
                throw new IllegalArgumentException("gradientsInto expects a place for each watched tensor, got null as"
                        + " number " + i + "; leave out the watched tensor too where its gradient is not needed");
            }
            TensorAccess.requireWritable(place, "gradientsInto");
            requireFitting(session, watched.get(i), place, i);
            // Places in the order of their memory, as a model's are, share none.
            if (place.layout().offset() < end) {
                requireApart(places, i);
            }
            end = Math.max(end, place.layout().end());
        }
    }

    private static void requireFitting(Session session, Tensor watched, Tensor place, int number) {
        if (place.session() != session) {
            throw new IllegalArgumentException("gradientsInto expects places in the tape's session on "
                    + session.backend().name() + ", got as number " + number + " " + place.describe()
                    + " of a session on " + place.session().backend().name());
        }
        if (watched == null) {
            return;
        }
        boolean fits = place.dtype() == watched.dtype()
                || place.dtype() == watched.dtype().accumulator();
        if (!fits || !place.shape().equals(watched.shape())) {
            throw new IllegalArgumentException("gradientsInto expects as place number " + number
                    + " a tensor of the shape and type of the watched " + watched.describe()
                    + ", or of float32 for one of 16 bits, got "
                    + place.describe());
        }
    }

    private static void requireApart(List<Tensor> places, int number) {
        Tensor place = places.get(number);
        for (int i = 0; i < number; i++) {
            if (places.get(i).buffer() == place.buffer() && share(places.get(i).layout(), place.layout())) {
                throw new IllegalArgumentException("gradientsInto expects places in memory of their own, got number "
                        + number + " in the memory of number " + i + ": " + place.describe()
                        + ". One gradient would overwrite the other; make a tensor for each");
            }
        }
    }

    /** Tells whether an element belongs to both. Parts with gaps, such as columns, may be between each other. */
    private static boolean share(Layout a, Layout b) {
        return a.overlaps(b) && (a.isDense() && b.isDense() || a.offset() == b.offset());
    }
}
