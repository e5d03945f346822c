package org.alborz.ops;

import org.alborz.backend.PackedWeights;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The weights of evaluation as the backend packs them, among the {@link KeptResults}: packed when they come a second time, unchanged. */
final class KeptWeights {
    private KeptWeights() {}

    /** Returns the packed weights of a convolution, or null where it takes them as they are. */
    static Tensor ofConvolution(Conv2dParameters p, Tensor x, Tensor w, Tensor y) {
        PackedWeights packing = packing(w);
        if (packing == null || !w.layout().isFilter()) {
            return null;
        }
        PackedWeights.Form form = packing.form(p, x.shape(), w, y.shape());
        if (form == null) {
            return null;
        }
        KeptResults kept = w.session().engine().kept();
        Tensor found = kept.find(form, w);
        if (found != null || !kept.isWorthMaking(form, form.elements(), w)) {
            return found;
        }
        Tensor packed = empty(w, form);
        packing.pack(p, x.shape(), w, y.shape(), packed);
        return kept.keep(form, packed, w);
    }

    /** Returns the packed weights {@code [out, in]} of a product with rows, or null where it takes them as they are. */
    static Tensor ofProduct(Tensor x, Tensor w) {
        PackedWeights packing = packing(w);
        if (packing == null || !w.layout().isRowMajor()) {
            return null;
        }
        try (Tensor right = TensorAccess.view(w, w.layout().transpose(0, 1))) {
            PackedWeights.Form form = packing.form(x.shape(), right);
            if (form == null) {
                return null;
            }
            KeptResults kept = w.session().engine().kept();
            Tensor found = kept.find(form, w);
            if (found != null || !kept.isWorthMaking(form, form.elements(), w)) {
                return found;
            }
            Tensor packed = empty(w, form);
            packing.pack(right, packed);
            return kept.keep(form, packed, w);
        }
    }

    private static PackedWeights packing(Tensor w) {
        return w.session().backend().fusion(PackedWeights.class).orElse(null);
    }

    private static Tensor empty(Tensor w, PackedWeights.Form form) {
        return w.session().empty(w.dtype(), Layout.rowMajor(Shape.of(Math.toIntExact(form.elements()))));
    }
}
