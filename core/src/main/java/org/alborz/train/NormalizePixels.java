package org.alborz.train;

import org.alborz.backend.Backend;
import org.alborz.backend.PixelNormalization;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * What bytes of images become as numbers of a type; {@link PixelNormalization#apply} says what they are and what the inputs are: bytes,
 * statistics, rows and columns, the last two null where no image has padding.
 */
record NormalizePixels(DType dtype) implements CustomOp {
    private static final int BYTES = 0;
    private static final int STATISTICS = 1;
    private static final int ROWS = 2;
    private static final int COLUMNS = 3;

    @Override
    public String name() {
        return "normalizePixels";
    }

    @Override
    public void infer(Call call) {
        call.rank(BYTES, "images", 4, "[N, C, H, W]");
        call.channelsLast(BYTES);
        call.rowMajor(STATISTICS);
        if (call.has(ROWS)) {
            call.rowMajor(ROWS);
            call.rowMajor(COLUMNS);
        }
        call.result(dtype, call.layout(BYTES).compact());
    }

    @Override
    public void compute(Backend backend, Call call) {
        PixelNormalization fusion = backend.fusion(PixelNormalization.class).orElse(null);
        if (fusion == null) {
            call.give(0, composed(call));
        } else {
            fusion.apply(call.in(BYTES), call.in(STATISTICS), call.in(ROWS), call.in(COLUMNS), call.out(0));
        }
    }

    private Tensor composed(Call call) {
        Tensor bytes = call.tensor(BYTES);
        Session session = bytes.session();
        Shape images = bytes.shape();
        int channels = images.size(1);
        Tensor statistics = call.tensor(STATISTICS);
        Tensor numbers = bytes.to(DType.FLOAT32)
                .div(session.full(255, Shape.scalar(), DType.FLOAT32))
                .sub(statistics.narrow(0, 0, 1).reshape(channels, 1, 1))
                .div(statistics.narrow(0, 1, 1).reshape(channels, 1, 1));
        if (call.has(ROWS)) {
            Tensor rows = call.tensor(ROWS).to(DType.BOOL).reshape(images.size(0), 1, images.size(2), 1);
            Tensor columns = call.tensor(COLUMNS)
                    .to(DType.BOOL)
                    .reshape(images.size(0), 1, images.size(3), channels)
                    .permute(0, 3, 1, 2);
            Tensor zero = session.full(0, Shape.scalar(), DType.FLOAT32);
            numbers = Tensor.where(columns, Tensor.where(rows, numbers, zero), zero);
        }
        return numbers.to(dtype);
    }

    @Override
    public int gradients() {
        return 0;
    }
}
