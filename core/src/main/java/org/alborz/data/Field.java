package org.alborz.data;

import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * One of the named tensors that a sample consists of, such as an image or its label.
 *
 * @param name 1 to 100 printable characters, differing from those of the other fields
 * @param type float32 or float64, which become the session's type on the device, int32, int64, uint8 or bool
 * @param shape of one sample; a scalar's for a label. Along a variable axis its size is the most that a sample can have
 * @param channelsLast whether the values of {@code [C, H, W]} are stored as H, W, C, as convolutions read them, and not row-major
 * @param variableAxis the axis along which samples differ in length, or {@link #NONE}
 * @param normalization of uint8 images, which stay bytes until they are on the device and become numbers of the session's type there;
 *     null where values stay as they are
 */
public record Field(
        String name,
        DType type,
        Shape shape,
        boolean channelsLast,
        int variableAxis,
        ChannelNormalization normalization) {
    /** Stands for no variable axis. */
    public static final int NONE = -1;

    private static final int MOST_CHARACTERS = 100;

    public Field {
        Given.value(name, "Field", "a name");
        Given.value(type, "Field", "a type");
        Given.value(shape, "Field", "a shape");
        if (name.isBlank()
                || name.length() > MOST_CHARACTERS
                || !Quoted.printable(name).equals(name)) {
            throw new IllegalArgumentException("Field expects a name of 1 to " + MOST_CHARACTERS
                    + " printable characters, not all blank, got " + Quoted.text(name));
        }
        HostArrays.require(name, type);
        if (shape.elements() < 1 || shape.elements() > HostArrays.LONGEST) {
            throw new IllegalArgumentException("Field '" + name + "' expects samples of 1 to " + HostArrays.LONGEST
                    + " values, got " + shape.elements() + " for shape " + shape);
        }
        if (channelsLast && shape.rank() != 3) {
            throw new IllegalArgumentException(
                    "Field '" + name + "' expects images [C, H, W] to be stored channels-last, got shape " + shape);
        }
        if (variableAxis < NONE || variableAxis >= shape.rank()) {
            throw new IllegalArgumentException(
                    "Field '" + name + "' expects a variable axis of shape " + shape + ", got axis " + variableAxis);
        }
        if (normalization != null
                && (type != DType.UINT8
                        || !channelsLast
                        || variableAxis != NONE
                        || shape.size(0) != normalization.channels())) {
            throw new IllegalArgumentException("Field '" + name + "' expects uint8 images [" + normalization.channels()
                    + ", H, W] stored channels-last to be normalised, got " + type + " " + shape
                    + (variableAxis == NONE ? "" : " variable along axis " + variableAxis));
        }
    }

    /** Describes values of one shape, stored row-major. */
    public Field(String name, DType type, Shape shape) {
        this(name, type, shape, false, NONE, null);
    }

    /** Describes values stored row-major; a scalar where no sizes are given. */
    public static Field of(String name, DType type, int... sizes) {
        return new Field(name, type, Shape.of(sizes));
    }

    /** Describes images {@code [C, H, W]} stored channels-last. */
    public static Field image(String name, DType type, int channels, int height, int width) {
        return new Field(name, type, Shape.of(channels, height, width), true, NONE, null);
    }

    /** Returns this field with an axis along which samples differ in length; its size is the most that a sample can have. */
    public Field variable(int axis) {
        return new Field(name, type, shape, channelsLast, shape.axis(axis), normalization);
    }

    /** Returns this field of uint8 images with a normalization, which is done on the device. */
    public Field normalized(ChannelNormalization value) {
        return new Field(name, type, shape, channelsLast, variableAxis, Given.value(value, "Field", "a normalization"));
    }

    /** Tells whether bytes become numbers on the device. */
    public boolean isNormalized() {
        return normalization != null;
    }

    /** Returns the type of this field's tensors in a session whose floating type is the given one. */
    public DType typeIn(DType session) {
        return type.isFloating() || isNormalized() ? session : type;
    }

    /** Tells whether samples differ in length along an axis. */
    public boolean isVariable() {
        return variableAxis != NONE;
    }

    /** Returns the size of the variable axis. */
    int variableSize() {
        return shape.size(variableAxis);
    }

    /** Returns how many adjacent values belong to one index along the variable axis. */
    int innerElements() {
        return (int) layout(shape.insert(0, 1)).stride(variableAxis + 1);
    }

    /** Returns the number of values of one sample, of the longest where an axis is variable. */
    public int elements() {
        return (int) shape.elements();
    }

    /** Returns how a batch of the given shape is stored. */
    public Layout layout(Shape batch) {
        return channelsLast ? Layout.channelsLast(batch) : Layout.rowMajor(batch);
    }

    @Override
    public String toString() {
        return name + " " + type + " " + shape + (channelsLast ? " channels-last" : "")
                + (!isVariable() ? "" : " variable along axis " + variableAxis)
                + (!isNormalized() ? "" : " normalised by " + normalization);
    }
}
