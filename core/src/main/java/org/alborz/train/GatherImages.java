package org.alborz.train;

import org.alborz.backend.Backend;
import org.alborz.backend.ImageGather;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * A batch of images of a type, cropped, flipped and normalised; {@link ImageGather#apply} says what the inputs are: bytes of all images, statistics and moves.
 *
 * @param reflects whether what is outside of an image is the image mirrored, and not 0
 */
record GatherImages(DType dtype, boolean reflects) implements CustomOp {
    private static final int IMAGES = 0;
    private static final int STATISTICS = 1;
    private static final int MOVES = 2;

    @Override
    public String name() {
        return "gatherImages";
    }

    @Override
    public void infer(Call call) {
        call.rank(IMAGES, "images", 4, "[M, C, H, W]");
        call.rank(MOVES, "moves", 2, "[N, " + ImageGather.MOVE + "]");
        call.channelsLast(IMAGES);
        call.rowMajor(STATISTICS);
        call.rowMajor(MOVES);
        Shape images = call.shape(IMAGES);
        Shape batch = Shape.of(call.shape(MOVES).size(0), images.size(1), images.size(2), images.size(3));
        call.result(dtype, Layout.channelsLast(batch));
    }

    @Override
    public void compute(Backend backend, Call call) {
        ImageGather fusion = backend.fusion(ImageGather.class).orElse(null);
        if (fusion == null) {
            call.give(0, composed(call.tensor(IMAGES), call.tensor(STATISTICS), call.tensor(MOVES)));
        } else {
            fusion.apply(reflects, call.in(IMAGES), call.in(STATISTICS), call.in(MOVES), call.out(0));
        }
    }

    private Tensor composed(Tensor images, Tensor statistics, Tensor moves) {
        Session session = images.session();
        int batch = moves.shape().size(0);
        int channels = images.shape().size(1);
        int height = images.shape().size(2);
        int width = images.shape().size(3);
        Tensor along = session.arange(width);
        Tensor mirrored = move(moves, 3).ne(0);
        Tensor rows = session.arange(height).reshape(1, height, 1).add(move(moves, 1));
        Tensor columns =
                Tensor.where(mirrored, along.neg().add(width - 1), along).add(move(moves, 2));
        Tensor places = move(moves, 0)
                .mul(height)
                .add(inside(rows, height))
                .mul(width)
                .add(inside(columns, width))
                .reshape(batch * height * width);
        Tensor numbers = images.permute(0, 2, 3, 1)
                .reshape(images.shape().size(0) * height * width, channels)
                .gather(0, places)
                .to(DType.FLOAT32)
                .div(session.full(255, Shape.scalar(), DType.FLOAT32))
                .sub(statistics.narrow(0, 0, 1))
                .div(statistics.narrow(0, 1, 1));
        if (!reflects) {
            Tensor own = isWithin(rows, height).and(isWithin(columns, width)).reshape(batch * height * width, 1);
            numbers = Tensor.where(own, numbers, session.full(0, Shape.scalar(), DType.FLOAT32));
        }
        return numbers.reshape(batch, height, width, channels)
                .permute(0, 3, 1, 2)
                .to(dtype);
    }

    /** Returns one of the numbers of all moves, [N, 1, 1]. */
    private static Tensor move(Tensor moves, int number) {
        return moves.narrow(1, number, 1).reshape(moves.shape().size(0), 1, 1);
    }

    /** Mirrors places outside of an axis at its borders. */
    private static Tensor inside(Tensor places, int size) {
        Tensor positive = Tensor.where(places.lt(0), places.neg(), places);
        return Tensor.where(positive.ge(size), positive.neg().add(2 * (size - 1)), positive);
    }

    private static Tensor isWithin(Tensor places, int size) {
        return places.ge(0).and(places.lt(size));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
