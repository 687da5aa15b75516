/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_page: headings, paragraphs and tables on A4 pages, tagged, as a PDF; the door to
 * Pango and Cairo. */
#include "correlator/report/pdf_page.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "common/instant.h"
#include "common/log.h"

/* Points. */
#define WIDTH   595.0
#define HEIGHT  842.0
#define MARGIN  45.0
#define PAD     3.0
#define BODY    9.0
#define CONTENT (WIDTH - 2 * MARGIN)

enum { MISSING_MAX = 16 };

struct pdf {
	FILE *out;
	cairo_surface_t *surface;
	cairo_t *cairo;
	PangoLayout *layout;
	double y;
	int page;
	const struct pdf_table *table; /* NULL: none is open */
	size_t missing_count;
	gunichar missing[MISSING_MAX];
};

static cairo_status_t
write_bytes(void *closure, const unsigned char *data, unsigned size)
{
	return fwrite(data, 1, size, closure) == size ? CAIRO_STATUS_SUCCESS
						      : CAIRO_STATUS_WRITE_ERROR;
}

static void
set_font(struct pdf *pdf, double size, bool is_bold)
{
	PangoFontDescription *font = pango_font_description_from_string(
		"IPAexGothic, Noto Sans CJK JP, BIZ UDPGothic, sans-serif");

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	if (is_bold)
		pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
	pango_layout_set_font_description(pdf->layout, font);
	pango_font_description_free(font);
}

struct pdf *
pdf_new(FILE *out, const char *title, int64_t created)
{
	struct pdf *pdf = calloc(1, sizeof(*pdf));
	char time[INSTANT_TEXT_SIZE];

	if (pdf == NULL)
		log_fatal("report", "no memory for a PDF");
	pdf->out = out;
	pdf->surface =
		cairo_pdf_surface_create_for_stream(write_bytes, out, WIDTH, HEIGHT);
	instant_to_text((struct instant){ created }, time);
	snprintf(time + strlen("2026-11-03T00:00:00"), 2, "Z");
	cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_TITLE, title);
	cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATOR,
				       "Sekisho " SEKISHO_VERSION);
	cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATE_DATE,
				       time);
	pdf->cairo = cairo_create(pdf->surface);
	pdf->layout = pango_cairo_create_layout(pdf->cairo);
	pango_layout_set_wrap(pdf->layout, PANGO_WRAP_WORD_CHAR);
	pdf->y = MARGIN;
	pdf->page = 1;
	cairo_tag_begin(pdf->cairo, "Document", NULL);
	return pdf;
}

/* Which characters of the text no font has. */
static void
find_missing(struct pdf *pdf, const char *text)
{
	PangoLayout *one = pango_layout_copy(pdf->layout);

	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar character = g_utf8_get_char(text);
		size_t at = 0;
		pango_layout_set_text(one, text, (int)(g_utf8_next_char(text) - text));
		if (pango_layout_get_unknown_glyphs_count(one) == 0)
			continue;
		while (at < pdf->missing_count && pdf->missing[at] != character)
			at++;
		if (at == pdf->missing_count && at < MISSING_MAX)
			pdf->missing[pdf->missing_count++] = character;
	}
	g_object_unref(one);
}

/* Height in points. */
static double
lay_out(struct pdf *pdf, const char *text, double width, bool is_right)
{
	int height;

	pango_layout_set_width(pdf->layout, (int)(width * PANGO_SCALE));
	pango_layout_set_alignment(pdf->layout,
				   is_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	pango_layout_set_text(pdf->layout, text, -1);
	pango_layout_get_size(pdf->layout, NULL, &height);
	return (double)height / PANGO_SCALE;
}

static void
show(struct pdf *pdf, const char *text, double x, double y)
{
	if (pango_layout_get_unknown_glyphs_count(pdf->layout) > 0)
		find_missing(pdf, text);
	cairo_move_to(pdf->cairo, x, y);
	pango_cairo_show_layout(pdf->cairo, pdf->layout);
}

static void
number_page(struct pdf *pdf)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pdf->page);
	set_font(pdf, 8, false);
	lay_out(pdf, text, CONTENT, true);
	show(pdf, text, MARGIN, HEIGHT - MARGIN + 8);
}

static void
turn_page(struct pdf *pdf)
{
	number_page(pdf);
	cairo_show_page(pdf->cairo);
	pdf->page++;
	pdf->y = MARGIN;
}

static void
make_room(struct pdf *pdf, double height)
{
	if (pdf->y + height > HEIGHT - MARGIN && pdf->y > MARGIN)
		turn_page(pdf);
}

static void
write_block(struct pdf *pdf, const char *tag, const char *text, double indent)
{
	double height = lay_out(pdf, text, CONTENT - indent, false);

	make_room(pdf, height);
	/* the page number, if a page was turned, took the layout */
	cairo_tag_begin(pdf->cairo, tag, NULL);
	show(pdf, text, MARGIN + indent, pdf->y);
	cairo_tag_end(pdf->cairo, tag);
	pdf->y += height;
}

static void
block(struct pdf *pdf, const char *tag, const char *text, double size, double indent)
{
	set_font(pdf, size, tag[0] == 'H');
	make_room(pdf, lay_out(pdf, text, CONTENT - indent, false) +
			       (tag[0] == 'H' ? 40 : 0));
	set_font(pdf, size, tag[0] == 'H');
	write_block(pdf, tag, text, indent);
}

void
pdf_heading(struct pdf *pdf, int level, const char *text)
{
	static const char *const tags[] = { "H1", "H2", "H3" };
	static const double size[] = { 17, 12.5, 10.5 };

	assert(level >= 1 && level <= 3);
	if (pdf->y > MARGIN)
		pdf->y += level == 3 ? 8 : 14;
	block(pdf, tags[level - 1], text, size[level - 1], 0);
	pdf->y += 4;
}

void
pdf_paragraph(struct pdf *pdf, const char *text)
{
	block(pdf, "P", text, BODY + 0.5, 0);
	pdf->y += 4;
}

void
pdf_item(struct pdf *pdf, const char *text)
{
	block(pdf, "P", text, BODY + 0.5, 12);
	pdf->y += 3;
}

static double
column_width(const struct pdf_table *table, size_t column)
{
	return CONTENT * table->share[column] / 1000;
}

static double
row_height(struct pdf *pdf, const char *const *cell)
{
	double height = 0;

	for (size_t i = 0; i < pdf->table->columns; i++) {
		double one = lay_out(pdf, cell[i],
				     column_width(pdf->table, i) - 2 * PAD, false);
		height = one > height ? one : height;
	}
	return height + 2 * PAD;
}

/* 'tag' NULL: a heading again, which is no content. */
static void
draw_row(struct pdf *pdf, const char *const *cell, double height, bool is_head,
	 const char *tag)
{
	double x = MARGIN;

	if (tag != NULL)
		cairo_tag_begin(pdf->cairo, "TR", NULL);
	for (size_t i = 0; i < pdf->table->columns; i++) {
		double width = column_width(pdf->table, i);
		bool is_right = !is_head && (pdf->table->right >> i & 1) != 0;
		if (is_head) {
			cairo_set_source_rgb(pdf->cairo, 0.91, 0.93, 0.95);
			cairo_rectangle(pdf->cairo, x, pdf->y, width, height);
			cairo_fill(pdf->cairo);
		}
		cairo_set_source_rgb(pdf->cairo, 0.66, 0.7, 0.75);
		cairo_set_line_width(pdf->cairo, 0.5);
		cairo_rectangle(pdf->cairo, x, pdf->y, width, height);
		cairo_stroke(pdf->cairo);
		cairo_set_source_rgb(pdf->cairo, 0.07, 0.1, 0.15);
		lay_out(pdf, cell[i], width - 2 * PAD, is_right);
		if (tag != NULL)
			cairo_tag_begin(pdf->cairo, tag, NULL);
		show(pdf, cell[i], x + PAD, pdf->y + PAD);
		if (tag != NULL)
			cairo_tag_end(pdf->cairo, tag);
		x += width;
	}
	if (tag != NULL)
		cairo_tag_end(pdf->cairo, "TR");
	pdf->y += height;
}

static void
draw_head(struct pdf *pdf, const char *tag)
{
	set_font(pdf, BODY, true);
	draw_row(pdf, pdf->table->head, row_height(pdf, pdf->table->head), true, tag);
	set_font(pdf, BODY, false);
}

void
pdf_table_begin(struct pdf *pdf, const struct pdf_table *table)
{
	make_room(pdf, 60);
	pdf->table = table;
	cairo_tag_begin(pdf->cairo, "Table", NULL);
	draw_head(pdf, "TH");
}

void
pdf_row(struct pdf *pdf, const char *const *cell)
{
	double height = row_height(pdf, cell);

	if (pdf->y + height > HEIGHT - MARGIN) {
		turn_page(pdf);
		draw_head(pdf, NULL);
	}
	draw_row(pdf, cell, height, false, "TD");
}

void
pdf_table_end(struct pdf *pdf)
{
	cairo_tag_end(pdf->cairo, "Table");
	pdf->table = NULL;
	pdf->y += 6;
}

void
pdf_boxes(struct pdf *pdf, const char *const *word, size_t count)
{
	enum { SIDE = 62 };

	pdf->y += 8;
	make_room(pdf, SIDE + 18);
	set_font(pdf, BODY, false);
	for (size_t i = 0; i < count; i++) {
		double x = WIDTH - MARGIN - (double)(count - i) * SIDE;
		lay_out(pdf, word[i], SIDE - 2 * PAD, false);
		cairo_tag_begin(pdf->cairo, "P", NULL);
		show(pdf, word[i], x + PAD, pdf->y + PAD);
		cairo_tag_end(pdf->cairo, "P");
		cairo_set_line_width(pdf->cairo, 0.7);
		cairo_rectangle(pdf->cairo, x, pdf->y, SIDE, 18);
		cairo_rectangle(pdf->cairo, x, pdf->y + 18, SIDE, SIDE - 8);
		cairo_stroke(pdf->cairo);
	}
	pdf->y += SIDE + 16;
}

static int
tell_missing(const struct pdf *pdf, struct error *err)
{
	char list[MISSING_MAX * 20] = "";
	size_t used = 0;

	for (size_t i = 0; i < pdf->missing_count; i++) {
		char utf8[8] = "";
		g_unichar_to_utf8(pdf->missing[i], utf8);
		used += (size_t)snprintf(list + used, sizeof(list) - used, " U+%04X %s",
					 pdf->missing[i], utf8);
	}
	return error_set(err,
			 "no font has the characters%s; expected a Japanese font, such "
			 "as fonts-ipaexfont-gothic or fonts-noto-cjk",
			 list);
}

int
pdf_end(struct pdf *pdf, struct error *err)
{
	number_page(pdf);
	cairo_tag_end(pdf->cairo, "Document");
	g_object_unref(pdf->layout);
	cairo_destroy(pdf->cairo);
	cairo_surface_finish(pdf->surface);
	cairo_status_t status = cairo_surface_status(pdf->surface);
	cairo_surface_destroy(pdf->surface);
	int result = 0;
	if (pdf->missing_count > 0)
		result = tell_missing(pdf, err);
	else if (status != CAIRO_STATUS_SUCCESS)
		result = error_set(err, "cannot write the PDF: %s",
				   cairo_status_to_string(status));
	free(pdf);
	return result;
}
