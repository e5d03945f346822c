/**
 * The lessons of a university course on deep learning, each a small program that prints its numbers beside those of the course's notes:
 * {@link org.alborz.examples.lessons.Course} lists them, and {@code ./alborz lesson NAME} runs one.
 */
package org.alborz.examples.lessons;
