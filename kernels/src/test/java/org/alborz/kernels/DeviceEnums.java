package org.alborz.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes {@code common/enums.cuh}: the engine's enums that kernels take, constant by constant, so that an ordinal means the same on both
 * sides. {@code kernels/build} runs it with {@code java DeviceEnums.java}.
 */
final class DeviceEnums {
    private static final Path JAVA_SOURCES = Path.of("core/src/main/java/org/alborz");

    /** The enums, with their packages in core. */
    private static final List<String> ENUMS = List.of(
            "backend/UnaryOp",
            "backend/BinaryOp",
            "backend/Comparison",
            "backend/ReduceOp",
            "backend/UpdateRule",
            "type/Activation");

    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\n]*", Pattern.DOTALL);
    private static final Pattern CONSTANT = Pattern.compile("[A-Z][A-Z0-9_]*");

    private DeviceEnums() {}

    /** Prints the header to the standard output; the argument is the project's folder. */
    public static void main(String[] arguments) throws IOException {
        System.out.print(header(Path.of(arguments[0])));
    }

    /** Returns the header's text for the project in a folder. */
    static String header(Path project) throws IOException {
        StringBuilder text = new StringBuilder("""
                // The engine's enums, whose ordinals kernels take. Written by kernels/build from core's sources; do not edit.
                #pragma once

                namespace alborz {
                """);
        for (String place : ENUMS) {
            String name = place.substring(place.indexOf('/') + 1);
            String source = Files.readString(project.resolve(JAVA_SOURCES).resolve(place + ".java"));
            text.append("\nenum class ").append(name).append(" : int {\n");
            text.append(constants(name, source).stream().collect(Collectors.joining(",\n    ", "    ", "\n};\n")));
        }
        return text.append("\n}  // namespace alborz\n").toString();
    }

    /** Returns the constants of an enum without arguments and bodies. */
    private static List<String> constants(String name, String source) {
        String code = COMMENT.matcher(source).replaceAll("");
        int start = code.indexOf('{', code.indexOf("enum " + name)) + 1;
        int end = code.indexOf(';', start);
        String list = code.substring(start, end < 0 ? code.indexOf('}', start) : end);
        List<String> constants =
                List.of(list.split(",")).stream().map(String::strip).toList();
        for (String constant : constants) {
            Matcher plain = CONSTANT.matcher(constant);
            if (!plain.matches()) {
                throw new IllegalStateException(
                        name + " expects plain constants, as kernels know them by their order, got '" + constant + "'");
            }
        }
        return constants;
    }
}
