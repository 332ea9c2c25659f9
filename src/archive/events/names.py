"""Names of persons and words of offices: the vocabularies that the rules for people read.

A Vietnamese name is a family name and one to four syllables, each with a capital. Where an office stands before a
name with nothing between ("Chủ tịch UBND huyện Đầm Hà Trần Việt Dũng"), only the family name tells where the
name begins; the list has the names of the Kinh and of the peoples of the mountains.
"""

from __future__ import annotations

import re

from archive.events.alternatives import one_of

FAMILY = frozenset(
    [
        "An",
        "Âu",
        "Bạch",
        "Bàn",
        "Bành",
        "Bế",
        "Bùi",
        "Ca",
        "Cà",
        "Cam",
        "Cao",
        "Cầm",
        "Chẩu",
        "Châu",
        "Chề",
        "Chíu",
        "Chìu",
        "Chu",
        "Chử",
        "Cồ",
        "Cù",
        "Cung",
        "Cứ",
        "Cự",
        "Danh",
        "Diệp",
        "Doãn",
        "Dư",
        "Dương",
        "Đái",
        "Đàm",
        "Đào",
        "Đan",
        "Đậu",
        "Đặng",
        "Đèo",
        "Điêu",
        "Điểu",
        "Đinh",
        "Đoàn",
        "Đỗ",
        "Đồng",
        "Đường",
        "Giang",
        "Giàng",
        "Giáp",
        "Hà",
        "Hạ",
        "Hàn",
        "Hạng",
        "Hầu",
        "Hoa",
        "Hoàng",
        "Hồ",
        "Hồng",
        "Hùng",
        "Huỳnh",
        "Hứa",
        "Hướng",
        "Kha",
        "Khà",
        "Khang",
        "Khâu",
        "Khiếu",
        "Khổng",
        "Khúc",
        "Khuất",
        "Khương",
        "Kiên",
        "Kiều",
        "Kim",
        "Kông",
        "Kpă",
        "Ksor",
        "La",
        "Lã",
        "Lạc",
        "Lại",
        "Lăng",
        "Lâm",
        "Lầm",
        "Lầu",
        "Lầy",
        "Lê",
        "Lều",
        "Liêu",
        "Liễu",
        "Lò",
        "Lô",
        "Long",
        "Lộc",
        "Lục",
        "Lữ",
        "Lù",
        "Lương",
        "Lường",
        "Lưu",
        "Lý",
        "Lỳ",
        "Ma",
        "Mã",
        "Mạc",
        "Mạch",
        "Mai",
        "Mạnh",
        "Mào",
        "Mẫn",
        "Mè",
        "Mông",
        "Mùa",
        "Ngạc",
        "Ngân",
        "Nghiêm",
        "Ngô",
        "Ngụy",
        "Nguyễn",
        "Nhâm",
        "Nhữ",
        "Nình",
        "Ninh",
        "Nịnh",
        "Nông",
        "Ong",
        "Ông",
        "Phạm",
        "Phan",
        "Phàn",
        "Phí",
        "Phó",
        "Phù",
        "Phùn",
        "Phùng",
        "Phương",
        "Poòng",
        "Quách",
        "Quan",
        "Quàng",
        "Quản",
        "Quang",
        "Sầm",
        "Sằn",
        "Sần",
        "Siu",
        "Sơn",
        "Sùng",
        "Tạ",
        "Tăng",
        "Tằng",
        "Tất",
        "Tẩn",
        "Thạch",
        "Thái",
        "Thẩm",
        "Thân",
        "Thang",
        "Thào",
        "Thi",
        "Thiều",
        "Thịnh",
        "Thò",
        "Thôi",
        "Thục",
        "Tiêu",
        "Tiếp",
        "Tô",
        "Tòng",
        "Tôn",
        "Tống",
        "Trà",
        "Trang",
        "Trạc",
        "Trần",
        "Trắng",
        "Triệu",
        "Trình",
        "Trịnh",
        "Trương",
        "Từ",
        "Tưởng",
        "Ty",
        "Ưng",
        "Ứng",
        "Văn",
        "Vàng",
        "Vi",
        "Viên",
        "Vòng",
        "Voòng",
        "Võ",
        "Vũ",
        "Vừ",
        "Vương",
        "Xa",
        "Xồng",
        "Y",
        "Yên",
        "Yếu",
    ]
)

_UPPER = "A-ZĐÂĂÊÔƠƯÁÀẢÃẠẤẦẨẪẬẮẰẲẴẶÉÈẺẼẸẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌỐỒỔỖỘỚỜỞỠỢÚÙỦŨỤỨỪỬỮỰÝỲỶỸỴ"
_LOWER = "a-zđâăêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
SYLLABLE = rf"[{_UPPER}][{_LOWER}]{{0,11}}"
NAME = rf"{SYLLABLE}(?:[ ](?:{SYLLABLE})){{1,4}}"
"""Two to five capitalised syllables; capitals alone ("UBND") are no syllable of a name."""

CAPITALS = rf"[{_UPPER}]{{2,7}}"
SHOUTED = rf"{CAPITALS}(?:[ ]{CAPITALS}){{1,4}}"
"""A name in capitals, as in captions and lists."""

COURTESY = r"(?:[Cc]ác\s+)?(?:[Đđ]ồng\s+chí|[Đđ]/c|[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Tt]hầy(?:\s+giáo)?|[Cc]ô\s+giáo|[Nn]hà\s+giáo|[Ll]ương\s+y|[Nn]ghệ\s+nhân|[Bb]ác\s+sĩ|[Bb]ác\s+sỹ)"

RANKS = (
    r"(?:Đại tướng|Thượng tướng|Trung tướng|Thiếu tướng|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy|Đại uý|Thượng úy|Thượng uý|Trung úy|"
    r"Trung uý|Thiếu úy|Thiếu uý|Giáo sư|Phó Giáo sư|Tiến sĩ|Tiến sỹ|Thạc sĩ|Thạc sỹ|Bác sĩ|Bác sỹ|Kỹ sư|PGS\.?\s?TS\.?|GS\.?\s?TS\.?|PGS\.?|GS\.?|ThS\.?|TS\.?|BS\.?|NGND|NGƯT)"
)

_HEADS = """
tổng bí thư|phó bí thư|bí thư|phó chủ tịch|chủ tịch|phó chủ nhiệm|chủ nhiệm|phó thủ tướng|thủ tướng|thứ trưởng|bộ trưởng
ủy viên|uỷ viên|tỉnh ủy viên|tỉnh uỷ viên|huyện ủy viên|huyện uỷ viên|thành ủy viên|thành uỷ viên|thị ủy viên|thị uỷ viên|đảng ủy viên|đảng uỷ viên|btv|uvbtv|uv btv|tuv|huv
phó trưởng ban|phó ban|trưởng ban|phó trưởng phòng|phó phòng|trưởng phòng|phó trưởng đoàn|trưởng đoàn|phó trưởng công an|trưởng công an|phó trưởng thôn|trưởng thôn|trưởng bản|trưởng khu|trưởng xóm|tổ trưởng|tổ phó|đội trưởng|đội phó|trưởng trạm|phó trưởng trạm
phó tổng giám đốc|tổng giám đốc|phó giám đốc|giám đốc|phó cục trưởng|cục trưởng|phó tổng cục trưởng|tổng cục trưởng|phó vụ trưởng|vụ trưởng|phó chi cục trưởng|chi cục trưởng|viện trưởng|phó viện trưởng|chánh án|phó chánh án
phó chánh văn phòng|chánh văn phòng|phó chánh thanh tra|chánh thanh tra|chỉ huy trưởng|phó chỉ huy trưởng|chính trị viên|chính ủy|chính uỷ|phó chính ủy|tư lệnh|phó tư lệnh|tham mưu trưởng|đồn trưởng|hạt trưởng|phó hạt trưởng
phó hiệu trưởng|hiệu trưởng|tổng biên tập|phó tổng biên tập|trưởng khoa|phó trưởng khoa|thường trực|đại biểu quốc hội|đbqh|đại biểu hđnd|chủ tọa|thẩm phán|kiểm sát viên|thư ký|kế toán trưởng|kế toán|chuyên viên|bí thư chi bộ|phó bí thư chi bộ|người có uy tín
bí thư đoàn|trụ trì|linh mục|chánh xứ|mục sư|huấn luyện viên
""".replace("\n", "|")
_STANDINGS = "cán bộ|công chức|giáo viên|y sĩ|điều dưỡng|nhân viên|chủ hộ|chủ cơ sở|chủ trang trại|người dân|hội viên|đại diện|học sinh|sinh viên|đảng viên|thành viên|vận động viên"
STANDING = re.compile(rf"(?i:{_STANDINGS})(?!\w)")
"""What people are without holding an office; read after a name only."""

_HEAD = one_of(head.strip() for head in _HEADS.split("|") if head.strip())
HEAD = rf"(?:(?:[Nn]guyên|[Cc]ựu|[Qq]uyền|[Cc]ố|Q\.)\s+)?(?i:{_HEAD})(?!\w)"
HEAD_LOWER = rf"(?:(?:nguyên|cựu|quyền|cố|q\.)\s+)?{_HEAD}(?!\w)"
"""What an office begins with, in either case; "nguyên" (former) and "quyền" (acting) may stand before."""

ORGANISATION_WORDS = frozenset(
    """
    ban bảo bảo_hiểm bí bệnh binh bồi bộ cao cách cấp cấp_ủy cảnh sát chấp chi chi_bộ chi_cục chi_nhánh chiến chính chữ thập đỏ chủ chuyên công
    công_đoàn cơ cơ_sở cục cứu cựu dân dịch doanh du dục dưỡng đài đại đảng đảng_bộ đảng_ủy đảng_uỷ đào đạo đất đầu đầu_tư đoàn đội đồng
    đô đường đường_bộ gia giáo giảm nghèo giải phóng mặt bằng giao hành hạ hạt tầng hậu hòa hoạch hoá hóa học hội hợp huyện hướng
    huyện_ủy huyện_uỷ kế khẩu khen khóa khoá khối khởi khuyến khu kho bạc kiểm kiêm kiến kinh kỹ lâm lao lần lịch liên liệt lực lượng
    mặt mỹ nam nạn nhân da cam nghệ nghị nghiệp ngành ngân người cao tuổi nhà nhân nhiệm nông nữ nước phát phố phòng phong phó
    phổ phụ phục phường quân quản quốc quyền quỹ sản sát sĩ sở sỹ sơn sự tài tại_chỗ tạo tế thanh thành thao thể thị thi đua thưởng thiên thiếu thôn
    thông thống thú y thuế thủy thuỷ thuật thư thương thường thị_trấn thị_xã tiểu tin tín tịch tỉnh tỉnh_ủy tỉnh_uỷ toàn tòa toà trạm trang trấn
    trận tri triển trị trợ trung trực trưởng trường truyền tuyên tư tứ từ tử tuổi ủy uỷ vận văn vật vệ viên viện vụ vùng xã xây dựng xúc
    xuất y yếu án bản bầu cử biên biểu nuôi ty tnhh cổ phần chống huy bóng các chất chí cho cộng của đối đô_thị hải môi mầm non nghiên cứu nguyên nhập phẩm pháp_chế trữ pháp phân
    tộc tổ chức tôn giáo ương khen khởi lập hành_chính nội_vụ tham mưu trẻ em thiện tâm trồng trọt chăn nuôi bảo_vệ vực tiền phương khoa và về xứ thứ khoáng huấn luyện sáng mới kiểu lý luận với nhiệm_kỳ kỳ
    """.replace("_", " ").split()
)
"""Lower-case syllables that an office's body is made of ("phòng Nông nghiệp và Phát triển nông thôn huyện")."""

_VERBS = """
phát biểu|phát động|nhấn mạnh|cho biết|khẳng định|kêu gọi|chủ trì|chủ tọa|tham dự|tham gia|trao|tặng|đã|yêu cầu|đề nghị|chúc|thăm|tại|cùng
kiểm tra|trả lời|báo cáo|thay mặt|đánh|cắt|động viên|đến|về dự|về thăm|làm|là|có|đại diện|thông qua|trình bày|khai mạc|bế mạc
kết luận|ghi nhận|biểu dương|mong|chia sẻ|bày tỏ|giới thiệu|tiếp|ký|đi|nêu|quán triệt|điều hành|phân tích|vui mừng|cảm ơn|nói|dự|cũng|sẽ
vừa|vào|trong|từ|và các|và đồng chí|và ông|và bà|và đoàn|với các|chỉ đạo|dẫn đầu|thắp|dâng|tổ chức|triển khai|trực tiếp|chỉ rõ|gợi ý
đánh giá|lắng nghe|giải đáp|tiếp thu|công bố|chúc mừng|hướng dẫn|giải thích|khen ngợi|hoan nghênh|phổ biến|trao đổi|chứng kiến|gửi|trồng
tuyên bố|xem|thị sát|khảo sát|được|bị|không|ra|lên|xuống|sinh|quê|người|thì|mà|nên|để|cho|theo|hiện|đang|tâm sự|bộc bạch|phấn khởi|kể
nhiệm kỳ|khởi xướng|xúc động|chân thành|nhiệt liệt|đồng tình|nhất trí|tin tưởng|lưu ý|nhắc nhở|hy vọng|hi vọng|thống nhất|quyết định|căn dặn
"""
ENDS_OFFICE = re.compile(
    one_of(word.strip() for word in _VERBS.replace("\n", "|").split("|") if word.strip()) + r"(?!\w)",
    re.IGNORECASE,
)
"""What an office's words end before: what the holder does."""

BODY_PARTS = re.compile(
    r",\s+(?=(?:Thể thao|Thể dục|Thương binh|Thông tin|Khoa học|Gia đình|Hạ tầng|Môi trường|Xây dựng|Lâm nghiệp|Phòng chống|Chống)\b)"
)
"""Commas within the name of a body: "Bộ Văn hóa, Thể thao và Du lịch"."""

NAMED_AFTER = frozenset(
    [
        "Trường",
        "trường",
        "THPT",
        "THCS",
        "PTDTNT",
        "Tiểu",
        "học",
        "non",
        "đường",
        "phố",
        "ty",
        "TP",
        "TP.",
        "thưởng",
        "hiệu",
        "tưởng",
    ]
)
"""Words before a person's name that make it the name of a school, a street, a movement."""
