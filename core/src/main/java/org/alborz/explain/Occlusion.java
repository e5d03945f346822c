package org.alborz.explain;

import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * Shows which places of an image a net needs: how much less probable a class becomes when a square over the image hides it (Zeiler and
 * Fergus 2014, section 4.2). Nothing but outputs is asked of the net.
 *
 * @param size height and width of the square in pixels
 * @param stride by how much it moves
 * @param value what it is filled with: 0 is the mean of normalized images
 * @param batch how many images are computed at once
 */
public record Occlusion(int size, int stride, double value, int batch) {
    private static final int USUAL_BATCH = 64;

    public Occlusion {
        if (size < 1 || stride < 1 || batch < 1) {
            throw new IllegalArgumentException("Occlusion expects a size, a stride and a batch of at least 1, got "
                    + size + ", " + stride + " and " + batch);
        }
    }

    /** Makes a square of zeros, and batches of 64 images. */
    public Occlusion(int size, int stride) {
        this(size, stride, 0, USUAL_BATCH);
    }

    /**
     * Returns how much the probability of a class falls where the square is: for each of its places, of which the first is in the upper left
     * corner, and which stay inside the image.
     *
     * @param model gives scores {@code [N, classes]}, whose softmax is the probability
     * @param image {@code [C, H, W]}, or {@code [1, C, H, W]}
     */
    public HeatMap map(Model model, Tensor image, int classOf) {
        Shape shape = Given.value(image, "Occlusion", "an image").shape();
        int rank = shape.rank();
        boolean fits = rank == 3 || rank == 4 && shape.size(0) == 1;
        if (!fits || shape.size(rank - 2) < size || shape.size(rank - 1) < size) {
            throw new IllegalArgumentException("Occlusion expects an image [C, H, W] of at least " + size
                    + " pixels a side, got " + image.describe());
        }
        int height = shape.size(rank - 2);
        int width = shape.size(rank - 1);
        Shape one = Shape.of(1, shape.size(rank - 3), height, width);
        float[] pixels;
        try (Scope scope = image.session().scope("occlusion")) {
            pixels = image.reshape(one).toFloats();
        }
        double whole = probabilities(model, pixels, one, classOf)[0];
        float[][] falls = new float[(height - size) / stride + 1][(width - size) / stride + 1];
        int places = falls.length * falls[0].length;
        for (int first = 0; first < places; first += batch) {
            int count = Math.min(batch, places - first);
            float[] hidden = new float[count * pixels.length];
            for (int i = 0; i < count; i++) {
                int place = first + i;
                System.arraycopy(pixels, 0, hidden, i * pixels.length, pixels.length);
                hide(hidden, i, one, place / falls[0].length * stride, place % falls[0].length * stride);
            }
            double[] found = probabilities(model, hidden, one.with(0, count), classOf);
            for (int i = 0; i < count; i++) {
                falls[(first + i) / falls[0].length][(first + i) % falls[0].length] = (float) (whole - found[i]);
            }
        }
        return new HeatMap(falls);
    }

    private void hide(float[] images, int image, Shape one, int top, int left) {
        for (int c = 0; c < one.size(1); c++) {
            for (int y = top; y < top + size; y++) {
                int row = ((image * one.size(1) + c) * one.size(2) + y) * one.size(3);
                for (int x = left; x < left + size; x++) {
                    images[row + x] = (float) value;
                }
            }
        }
    }

    private static double[] probabilities(Model model, float[] images, Shape shape, int classOf) {
        Session session = Given.value(model, "Occlusion", "a model").session();
        try (Scope scope = session.scope("occlusion")) {
            Tensor scores = model.predict(session.tensor(images, shape));
            if (scores.shape().rank() != 2
                    || classOf < 0
                    || classOf >= scores.shape().size(1)) {
                throw new IllegalArgumentException(
                        "Occlusion expects scores [N, classes] and one of these classes, got " + scores.shape()
                                + " and " + classOf);
            }
            return scores.softmax().select(1, classOf).toDoubles();
        }
    }
}
