package org.alborz.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.alborz.type.Shape;

/** One of the cases in the folder golden, made by PyTorch; its README explains the format. */
final class GoldenCase {
    private static final String FOLDER = "golden/";

    private final JsonNode root;

    private GoldenCase(JsonNode root) {
        this.root = root;
    }

    /** Returns the name of every case. */
    static List<String> names() {
        try (InputStream in = open("index.txt");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.isBlank()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static GoldenCase read(String name) {
        try (InputStream in = open(name + ".json")) {
            return new GoldenCase(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String file) throws IOException {
        InputStream in = GoldenCase.class.getResourceAsStream(FOLDER + file);
        if (in == null) {
            throw new IOException(
                    "Golden values " + FOLDER + file + " are missing; golden/README.md says how they are made");
        }
        return in;
    }

    String layer() {
        return root.required("layer").asText();
    }

    double number(String parameter) {
        return parameter(parameter).asDouble();
    }

    int whole(String parameter) {
        return parameter(parameter).asInt();
    }

    boolean flag(String parameter) {
        return parameter(parameter).asBoolean();
    }

    String text(String parameter) {
        return parameter(parameter).asText();
    }

    /** Returns rows or columns of a pair such as the kernel size. */
    int pair(String parameter, int index) {
        return parameter(parameter).required(index).asInt();
    }

    /** Returns a list of whole numbers. */
    int[] list(String parameter) {
        JsonNode list = parameter(parameter);
        int[] numbers = new int[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = list.get(i).asInt();
        }
        return numbers;
    }

    boolean hasParameter(String name) {
        return root.required("parameters").has(name);
    }

    private JsonNode parameter(String name) {
        return root.required("parameters").required(name);
    }

    boolean has(String tensor) {
        return root.required("tensors").has(tensor);
    }

    Set<String> tensors() {
        Set<String> names = new TreeSet<>();
        root.required("tensors").fieldNames().forEachRemaining(names::add);
        return names;
    }

    HostArray tensor(String name) {
        JsonNode tensor = root.required("tensors").required(name);
        return HostArray.of(shape(tensor.required("shape")), numbers(tensor.required("values")));
    }

    int[] labels() {
        double[] values = tensor("labels").values();
        int[] labels = new int[values.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) values[i];
        }
        return labels;
    }

    private static Shape shape(JsonNode sizes) {
        int[] shape = new int[sizes.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = sizes.get(i).asInt();
        }
        return Shape.of(shape);
    }

    private static double[] numbers(JsonNode values) {
        double[] numbers = new double[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i).asDouble();
        }
        return numbers;
    }
}
