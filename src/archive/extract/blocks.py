"""From the flat row of items to the article's blocks."""

from __future__ import annotations

from archive.extract.items import AttachmentItem, ImageItem, Item, TableItem, TextItem
from archive.model import Attachment, Block, Figure, Heading, ListBlock, Paragraph, Quote, Table


def blocks_of(items: list[Item]) -> tuple[Block, ...]:
    """Blocks in reading order: list entries and quoted paragraphs gathered, pictures seen once."""
    blocks: list[Block] = []
    open_list: tuple[int, list[str], bool] | None = None
    open_quote: tuple[int, list[str]] | None = None
    pictures: set[str] = set()
    attached: set[str] = set()

    def close() -> None:
        nonlocal open_list, open_quote
        if open_list is not None:
            blocks.append(ListBlock(tuple(open_list[1]), open_list[2]))
        if open_quote is not None:
            blocks.append(Quote(tuple(open_quote[1])))
        open_list = open_quote = None

    for item in items:
        if isinstance(item, TextItem):
            if item.kind == "li":
                if open_list is None or open_list[0] != item.list_id:
                    close()
                    open_list = (item.list_id, [], item.ordered)
                open_list[1].append(item.text)
            elif item.kind == "quote":
                if open_quote is None or open_quote[0] != item.quote_id:
                    close()
                    open_quote = (item.quote_id, [])
                open_quote[1].append(item.text)
            else:
                close()
                if item.kind[0] == "h" and item.kind[1:].isdigit():
                    blocks.append(Heading(item.text, int(item.kind[1:]), item.spans))
                else:
                    blocks.append(Paragraph(item.text, item.spans))
            continue
        close()
        if isinstance(item, ImageItem):
            fresh = tuple(p for p in item.pictures if p.url not in pictures)
            pictures.update(p.url for p in fresh)
            if fresh or item.video:
                blocks.append(Figure(fresh, item.caption, item.credit, item.video))
        elif isinstance(item, TableItem):
            blocks.append(Table(item.rows, item.header))
        elif isinstance(item, AttachmentItem) and item.attachment.url not in attached:
            attached.add(item.attachment.url)
            blocks.append(Attachment(item.attachment.url, item.attachment.name))
    close()
    return tuple(blocks)
